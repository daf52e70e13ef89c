//! Contract between the macros and the runtime: events, namespaces, their paths and errors.

pub(crate) mod describe;
pub(crate) mod emit_target;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod namespace;
pub(crate) mod path;
pub(crate) mod registry;
pub(crate) mod schema;
pub(crate) mod server_id;
