//! Typed [Socket.IO](https://socket.io) for Rust servers and TypeScript clients.
//!
//! Declare events once, as Rust traits. The compiler checks every emit and every handler, and `sio-types gen-ts`
//! generates the same events as TypeScript for `socket.io-client`.
//!
//! ```
//! use sio_types::prelude::*;
//!
//! #[payload]
//! pub struct ChatMessage {
//!     pub author: String,
//!     pub text: String,
//! }
//!
//! /// Sent by a client when it connects.
//! #[payload]
//! pub struct Credentials {
//!     pub token: String,
//! }
//!
//! /// Kept by the server for every socket.
//! #[payload]
//! pub struct User {
//!     pub name: String,
//! }
//!
//! /// Events from the server to its clients.
//! #[events]
//! pub trait ServerToClient {
//!     fn chat_message(message: ChatMessage);
//! }
//!
//! /// Events from clients to the server.
//! #[events]
//! pub trait ClientToServer {
//!     fn chat_message(text: String) -> u32;
//! }
//!
//! #[derive(Events)]
//! #[events(
//!     namespace = "/chat",
//!     server_to_client = ServerToClient,
//!     client_to_server = ClientToServer,
//!     auth = Credentials,
//!     socket_data = User,
//! )]
//! pub struct Chat;
//!
//! struct ChatServer;
//!
//! impl Lifecycle<Chat> for ChatServer {
//!     async fn authenticate(
//!         &self,
//!         _: &Handshake<Chat>,
//!         credentials: Credentials,
//!     ) -> Result<User, ConnectError> {
//!         match credentials.token.as_str() {
//!             "ada-token" => Ok(User { name: "Ada".to_owned() }),
//!             _ => Err(ConnectError::new("unknown token")),
//!         }
//!     }
//! }
//!
//! impl ClientToServer<Socket<Chat>> for ChatServer {
//!     async fn chat_message(&self, socket: Socket<Chat>, text: String) -> u32 {
//!         let length = text.chars().count() as u32;
//!         let author = socket.data().name.clone();
//!         let message = ChatMessage { author, text };
//!         socket.broadcast().emit().chat_message(&message).await.ok();
//!         length
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (layer, io) = SocketIo::builder().build_layer();
//! io.mount::<Chat, _>(ChatServer)?;
//! let app: axum::Router = axum::Router::new().layer(layer);
//! # Ok(())
//! # }
//! ```
//!
//! Built on [socketioxide](https://docs.rs/socketioxide), which implements the protocol.
//!
//! # Overview
//!
//! | task | see |
//! | --- | --- |
//! | declare events, payloads and namespaces | [`events`](macro@events), [`payload`](macro@payload), [`Events`](derive@Events) |
//! | build a server and mount namespaces | [`SocketIo`], [`Builder`], [`Limits`], [`Origins`] |
//! | authenticate clients, and run code when they connect and disconnect | [`Lifecycle`], [`Handshake`], [`ConnectError`] |
//! | send to one client | [`Socket::emit`], [`OverflowPolicy`], [`EmitError`] |
//! | send to many, on all servers | [`Broadcast`], [`RemoteSocket`], [`Acknowledgements`] |
//! | use several servers | [`Cluster`], [`Servers`], [`Peer`], [`Emitter`] |
//! | send bytes | [`Binary`] |
//! | monitor and shut down a server | [`Health`], [`Shutdown`], [`ClusterHandle`] |
//! | describe the events to tools | [`schema`], [`Fingerprints`] |
//! | test handlers without a network | `testing`, with the feature `testing` |
//!
//! # Cargo features
//!
//! | feature | adds |
//! | --- | --- |
//! | `axum` (on by default) | the client's address from axum's `ConnectInfo`, and smaller connections with axum |
//! | `redis` | clusters over Redis and Valkey |
//! | `postgres` | clusters over PostgreSQL |
//! | `metrics` | counters for the installed recorder of the [`metrics`](https://docs.rs/metrics) crate |
//! | `testing` | clients, servers and clusters for tests |
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
pub use crate::session::fingerprints::Fingerprints;
pub use crate::session::lifecycle::{
    ConnectError, DisconnectReason, Handshake, Lifecycle, Rejected,
};
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
