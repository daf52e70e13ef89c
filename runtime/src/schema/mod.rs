//! The schema document: everything a generator needs to know about an application's events.
//!
//! [`Schema::of`] describes namespaces from code; `sio-types gen-schema` does the same for a whole
//! crate. The document is versioned and self-contained, so that generators for other languages and
//! tools can be built on it without compiling Rust.

mod bigints;
pub(crate) mod build;
pub(crate) mod document;
pub(crate) mod error;
mod fingerprint;
mod generators;
mod names;
pub(crate) mod namespaces;
pub(crate) mod notes;
mod packets;
pub(crate) mod registry;
#[cfg(test)]
mod tests;
#[cfg(feature = "ts-rs")]
pub(crate) mod ts_rs;
pub(crate) mod wire;

pub use build::{EventBuilder, EventSetBuilder, NamespaceBuilder};
pub use document::{
    Acknowledgement, ArgumentSchema, Definitions, EventSchema, EventSetSchema, NamespaceSchema,
    ParameterSchema, PayloadSchema, Schema,
};
pub use error::SchemaError;
pub use namespaces::Namespaces;
pub use packets::Flow;
