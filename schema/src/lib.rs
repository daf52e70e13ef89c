//! The schema document of [sio-types]: the events of a Socket.IO application, with the JSON Schema of every payload.
//!
//! `sio-types gen-schema` writes the document for a crate, and `sio_types::schema::of` builds it from code. The document is
//! versioned and self-contained: generators for other languages and other tools read it without compiling Rust.
//!
//! ```
//! use sio_types_schema::{Flow, Schema};
//!
//! let document = r##"{
//!     "sioTypes": 1,
//!     "namespaces": [{
//!         "name": "Chat",
//!         "path": "/chat",
//!         "clientToServer": {
//!             "trait": "ClientToServer",
//!             "events": [{
//!                 "name": "chat_message",
//!                 "method": "chat_message",
//!                 "arguments": [{ "name": "text", "accepted": { "type": "string" } }]
//!             }]
//!         }
//!     }]
//! }"##;
//!
//! let schema = Schema::from_json(document)?;
//! let chat = &schema.namespaces[0];
//! assert_eq!(chat.client_to_server.events[0].name, "chat_message");
//!
//! // Every client with the same events has the same fingerprint.
//! assert_eq!(schema.fingerprint("/chat").map(|it| it.len()), Some(16));
//!
//! // The packets `["chat_message", text]`, for a validator or a generator.
//! let packets = schema.json_schema("/chat", Flow::ClientToServer);
//! assert!(packets.is_some());
//! # Ok::<(), sio_types_schema::SchemaError>(())
//! ```
//!
//! JSON Schemas in a document use additional keywords, which are listed in [`keys`].
//!
//! [sio-types]: https://docs.rs/sio-types

mod bigints;
mod document;
mod error;
mod fingerprint;
mod format;
pub mod keys;
mod packets;

pub use document::{
    Acknowledgement, ArgumentSchema, Definitions, EventSchema, EventSetSchema, NamespaceSchema,
    ParameterSchema, PayloadSchema, Schema,
};
pub use error::SchemaError;
pub use packets::Flow;
