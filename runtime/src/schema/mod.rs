//! The schema document: everything a generator needs to know about an application's events.
//!
//! [`of`] describes namespaces from code; `sio-types gen-schema` does the same for a whole
//! crate. The document is versioned and self-contained, so that generators for other languages and
//! tools can be built on it without compiling Rust. Its types are those of the crate [`sio_types_schema`].

mod build;
pub(crate) mod contract;
mod generators;
mod names;
mod namespaces;
pub(crate) mod notes;
pub(crate) mod registry;
#[cfg(test)]
mod tests;
#[cfg(feature = "ts-rs")]
pub(crate) mod ts_rs;
pub(crate) mod wire;

pub use build::{EventBuilder, EventSetBuilder, NamespaceBuilder};
pub use namespaces::{Namespaces, of};
pub use sio_types_schema::{
    Acknowledgement, ArgumentSchema, Definitions, EventSchema, EventSetSchema, Flow,
    NamespaceSchema, ParameterSchema, PayloadSchema, Schema, SchemaError, keys,
};
