//! Typed [Socket.IO](https://socket.io) for Rust servers and TypeScript clients.
//!
//! Events are written once, as Rust traits; the compiler checks every emit and every handler, and `sio-types gen-ts`
//! writes the same events as TypeScript for `socket.io-client`.
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
//! It stands on [socketioxide](https://docs.rs/socketioxide), which does the protocol; what it does not give and
//! this crate adds is in the documentation of [`Lifecycle`], [`Socket`] and [`Binary`].

#![cfg_attr(docsrs, feature(doc_cfg))]

mod ack;
mod backlog;
mod bigint;
mod binary;
mod broadcast;
mod children;
mod cluster;
mod connect;
mod dispatch;
mod emit;
mod error;
mod expiry;
mod farewell;
mod fingerprints;
mod flag;
mod health;
mod io;
mod lifecycle;
mod limits;
mod listeners;
mod metrics;
mod namespace;
mod panic;
mod path;
mod remote;
pub mod schema;
mod shared;
mod shutdown;
mod socket;
mod span;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod unreadable;
mod wire;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "fuzzing.rs"]
pub mod __fuzzing;

pub mod prelude;

pub use sio_types_macros::{Events, events, payload};

pub use ack::{Acknowledgement, Acknowledgements, Rejection, RejectionCode};
pub use backlog::WhenFull;
pub use binary::Binary;
pub use broadcast::Broadcast;
pub use cluster::{
    Adapter, Cluster, ClusterAdapter, ClusterError, ClusterHandle, Emitter, Node, NodeId, Servers,
    ServersError, ToServers,
};
pub use emit::{EmitTarget, Sending, ToMany, ToSocket};
pub use error::{AckError, DisconnectError, EmitError, MountError, TooManyRooms};
pub use fingerprints::Fingerprints;
pub use health::{EngineState, Health};
pub use io::{Builder, Parser, SocketIo};
pub use lifecycle::{ConnectError, DisconnectReason, Handshake, Lifecycle, Rejected};
pub use limits::{Limits, Rate};
pub use listeners::Refusal;
pub use namespace::{
    Dispatch, EventEmitter, EventSet, IncomingEvent, Namespace, NoEmitter, NoEvents, OutgoingEvent,
    Payload,
};
pub use path::PathError;
pub use remote::{RemoteSocket, ToRemote};
pub use schema::{Schema, SchemaError};
pub use shutdown::Shutdown;
pub use socket::{Socket, SocketOperators};
pub use transport::{
    AnswerBody, ClientAddress, NotTaken, OriginError, Origins, ResponseFuture, SocketIoLayer,
    SocketIoService,
};
pub use wire::DecodeError;

pub use socketioxide::{self, TransportType, socket::Sid};
