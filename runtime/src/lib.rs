//! Typed [Socket.IO](https://socket.io) for Rust servers and TypeScript clients.
//!
//! Declare events once, as Rust traits. The compiler checks every emit and every handler, and `sio-types gen-ts`
//! generates the same events as TypeScript for `socket.io-client`.
//!
//! ```
//! use sio_types::prelude::*;
//!
//! #[payload]
//! pub struct Message {
//!     pub author: String,
//!     pub text: String,
//! }
//!
//! /// Events from the server to its clients.
//! #[events]
//! pub trait ServerToClient {
//!     fn message(message: Message);
//! }
//!
//! /// Events from clients to the server.
//! #[events]
//! pub trait ClientToServer {
//!     /// Posts a message, and returns its length.
//!     fn post(message: Message) -> u32;
//! }
//!
//! #[derive(Events)]
//! #[events(namespace = "/chat", server_to_client = ServerToClient, client_to_server = ClientToServer)]
//! pub struct Chat;
//!
//! struct ChatServer;
//!
//! impl Lifecycle<Chat> for ChatServer {}
//!
//! impl ClientToServer<Socket<Chat>> for ChatServer {
//!     async fn post(&self, socket: Socket<Chat>, message: Message) -> u32 {
//!         if let Err(error) = socket.broadcast().emit().message(&message).await {
//!             tracing::warn!(%error, "message not sent");
//!         }
//!         message.text.len() as u32
//!     }
//! }
//!
//! # fn main() -> Result<(), sio_types::MountError> {
//! let (layer, io) = SocketIo::builder().build_layer();
//! io.mount::<Chat, _>(ChatServer)?;
//! let app: axum::Router = axum::Router::new().layer(layer);
//! # Ok(())
//! # }
//! ```
//!
//! The generated module gives `socket.io-client` the same types:
//!
//! ```ts
//! const chat = connect("https://chat.example.com", "/chat");
//! chat.on("message", ({ author, text }) => console.log(`${author}: ${text}`));
//! const length: number = await chat.emitWithAck("post", { author: "Ada", text: "Hello" });
//! ```
//!
//! Built on [socketioxide](https://docs.rs/socketioxide), which implements the protocol.
//!
//! # Guides
//!
//! - [Getting started](crate::guide::getting_started): a server and a page, from an empty directory.
//! - [Events and payloads](crate::guide::events), [namespaces](crate::guide::namespaces) and the
//!   [type mapping](crate::guide::types) from Rust to TypeScript.
//! - [Handlers and lifecycle](crate::guide::handlers), [authentication](crate::guide::authentication),
//!   [rooms and broadcasting](crate::guide::rooms), [acknowledgements and errors](crate::guide::acknowledgements),
//!   [middleware](crate::guide::middleware) and the [state of a socket](crate::guide::socket_state).
//! - [TypeScript client](crate::guide::client) and [React](crate::guide::react).
//! - [Clusters](crate::guide::clusters) and [inter-server events](crate::guide::inter_server_events).
//! - [Production](crate::guide::production), [limits](crate::guide::limits), [security](crate::guide::security),
//!   [reliability](crate::guide::reliability), [load balancing](crate::guide::load_balancing) and
//!   [observability](crate::guide::observability).
//! - [Testing](crate::guide::testing), [versioning](crate::guide::versioning), the
//!   [command line](crate::guide::command_line) and the [wire format](crate::guide::wire).
//! - Coming from [Node](crate::guide::from_node) or from [plain socketioxide](crate::guide::from_socketioxide).
//!
//! # Overview
//!
//! | task | items |
//! | --- | --- |
//! | declare events, payloads and namespaces | [`events`](macro@events), [`payload`](macro@payload), [`Events`](derive@Events), [`Binary`] |
//! | build a server and mount namespaces | [`SocketIo`], [`Builder`], [`SocketIoLayer`], [`Parser`] |
//! | authenticate clients, and run code when they connect and disconnect | [`Lifecycle`], [`Handshake`], [`ConnectError`] |
//! | send to one client | [`Socket`], [`Acknowledgement`], [`EmitError`], [`AckError`] |
//! | send to many clients, on all servers | [`Broadcast`], [`RemoteSocket`], [`Acknowledgements`] |
//! | use several servers | [`Cluster`], [`Servers`], [`Peer`], [`Emitter`] |
//! | limit and check clients | [`Limits`], [`Rate`], [`OverflowPolicy`], [`Origins`], [`ClientAddress`], [`Fingerprints`] |
//! | monitor and shut down a server | [`Health`], [`ClusterHandle`], [`Shutdown`] |
//!
//! | module | content |
//! | --- | --- |
//! | [`prelude`] | common imports for files that declare events or handlers |
//! | [`schema`] | the schema document: a description of the events for tools |
//! | `testing` | test clients and an in-memory cluster, with the feature `testing` |
//! | [`guide`] | the guides |
//!
//! # Cargo features
//!
//! | feature | adds |
//! | --- | --- |
//! | `axum` (on by default) | the client's address from axum's `ConnectInfo`, and smaller connections with axum |
//! | `redis` | clusters over Redis and Valkey |
//! | `postgres` | clusters over PostgreSQL |
//! | `metrics` | counters for the installed recorder of the [`metrics`](https://docs.rs/metrics) crate |
//! | `testing` | test clients, and a cluster in memory |
//! | `ts-rs` | `#[payload(ts)]`: types whose TypeScript [ts-rs](https://docs.rs/ts-rs) generates |
//! | `chrono`, `either`, `indexmap`, `jiff`, `rust_decimal`, `semver`, `smallvec`, `url`, `uuid` | the types of these crates in payloads |

#![cfg_attr(docsrs, feature(doc_cfg))]
// Builds without an engine or without the test clients leave some shared code unused.
#![cfg_attr(
    not(all(feature = "postgres", feature = "redis", feature = "testing")),
    allow(dead_code)
)]

mod api;
mod cluster;
mod config;
mod connection;
mod contract;
mod describe;
#[cfg(all(doc, not(doctest)))]
pub mod guide;
mod http;
mod metrics;
mod protocol;
mod server;
mod session;
mod support;
#[cfg(feature = "testing")]
pub mod testing;
mod upstream;
mod wire;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "fuzzing.rs"]
pub mod __fuzzing;

/// The schema document: a description of an application's events for code generators.
///
/// [`of`](schema::of) describes namespaces from code; `sio-types gen-schema` does the same for a whole crate. The
/// document is versioned and self-contained: generators for other languages and other tools can use it without
/// compiling Rust. Its types come from the crate [`sio_types_schema`].
///
/// See also the guide to [versioning](crate::guide::versioning).
pub mod schema {
    pub use crate::{
        contract::schema::{Namespaces, of},
        describe::build::{EventBuilder, EventSetBuilder, NamespaceBuilder},
    };
    pub use sio_types_schema::{
        Acknowledgement, ArgumentSchema, Definitions, EventSchema, EventSetSchema, Flow,
        NamespaceSchema, ParameterSchema, PayloadSchema, Schema, SchemaError, keys,
    };
}

pub mod prelude;

pub use sio_types_macros::{Events, events, payload};

pub use crate::api::broadcast::Broadcast;
pub use crate::api::emit::{BroadcastTarget, EmitFuture, SocketTarget};
pub use crate::api::remote::{RemoteOperators, RemoteSocket, RemoteTarget};
pub use crate::api::socket::SocketOperators;
pub use crate::api::{
    emitter::Emitter,
    peer::Peer,
    servers::{Servers, ServersError, ServersTarget},
};
pub use crate::cluster::state::EngineState;
pub use crate::cluster::{Cluster, error::ClusterError, handle::ClusterHandle};
pub use crate::config::client_address::ClientAddress;
pub use crate::config::limits::Limits;
pub use crate::config::overflow_policy::OverflowPolicy;
pub use crate::config::parser::Parser;
pub use crate::contract::emit_target::EmitTarget;
pub use crate::contract::error::{AckError, DisconnectError, EmitError, MountError, TooManyRooms};
pub use crate::contract::path::PathError;
pub use crate::contract::server_id::ServerId;
pub use crate::contract::{
    events::{Dispatch, EventSet, NoEmitter, NoEvents},
    namespace::{EventEmitter, IncomingEvent, Namespace, OutgoingEvent},
};
pub use crate::http::{
    admission::UpgradeError,
    layer::{SocketIoLayer, SocketIoService},
    origins::{OriginError, Origins},
    response_future::ResponseFuture,
    responses::TransportBody,
};
pub use crate::server::health::Health;
pub use crate::server::shutdown::Shutdown;
pub use crate::server::{builder::Builder, socket_io::SocketIo};
pub use crate::session::acknowledgement::{Acknowledgement, Acknowledgements};
pub use crate::session::connect_error::ConnectError;
pub use crate::session::fingerprints::Fingerprints;
pub use crate::session::handshake::Handshake;
pub use crate::session::lifecycle::{DisconnectReason, Lifecycle, Rejected};
pub use crate::session::listeners::MiddlewareError;
pub use crate::session::socket::Socket;
pub use crate::support::rate::Rate;
pub use crate::upstream::{Adapter, adapter::ClusterAdapter};
pub use crate::wire::acknowledgement::{Rejection, RejectionCode};
pub use crate::wire::binary::Binary;
pub use crate::wire::message::DecodeError;
pub use crate::wire::payload::Payload;
pub use sio_types_schema::{Schema, SchemaError};

pub use crate::protocol::{Sid, TransportType};
pub use socketioxide;
