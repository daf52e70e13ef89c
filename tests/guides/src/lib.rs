//! The Rust blocks of the guides, a module for each page: code that does not compile here is wrong in the guide.
//!
//! An error names a file such as `rooms.rs`, and the line of `docs/rooms.md`. The test `typescript` generates
//! TypeScript from the namespaces of each page, and compiles the page's TypeScript blocks with it.
#![allow(
    dead_code,
    missing_docs,
    unused_imports,
    unused_variables,
    reason = "examples, which nothing calls"
)]

include!(concat!(env!("OUT_DIR"), "/pages.rs"));
