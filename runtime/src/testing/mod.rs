//! Test clients and clusters in memory, with the Cargo feature `testing`.
//!
//! A [`Client`] behaves like `socket.io-client` and speaks the real protocols: HTTP with an upgrade to a WebSocket,
//! Engine.IO with heartbeats, and Socket.IO with attachments and both [parsers](crate::Parser). The connection is a
//! pipe in memory, without a port. The client has the types of the namespace: events, acknowledgements, `auth` and the
//! data of connect errors.
//!
//! ```toml
//! [dev-dependencies]
//! sio-types = { version = "0.1", features = ["testing"] }
//! ```
//!
//! ```
//! use sio_types::{prelude::*, testing::{self, expect_event}};
//!
//! #[events]
//! pub trait ServerToClient {
//!     fn chat_message(author: String, text: String);
//!     fn confirm(question: String) -> bool;
//! }
//!
//! #[payload]
//! #[derive(Debug, PartialEq)]
//! pub enum PostError {
//!     Empty,
//! }
//!
//! #[events]
//! pub trait ClientToServer {
//!     fn post(text: String) -> Result<u32, PostError>;
//!     fn leave();
//! }
//!
//! #[payload]
//! pub struct Credentials {
//!     pub name: String,
//! }
//!
//! #[derive(Events)]
//! #[events(
//!     namespace = "/chat",
//!     server_to_client = ServerToClient,
//!     client_to_server = ClientToServer,
//!     auth = Credentials,
//!     socket_data = String,
//! )]
//! pub struct Chat;
//!
//! struct ChatServer;
//!
//! impl ClientToServer<Socket<Chat>> for ChatServer {
//!     async fn post(&self, socket: Socket<Chat>, text: String) -> Result<u32, PostError> {
//!         if text.is_empty() {
//!             return Err(PostError::Empty);
//!         }
//!         let others = socket.broadcast();
//!         let count = others.clone().sockets().len();
//!         others.emit().chat_message(socket.data(), text).await.ok();
//!         Ok(count as u32)
//!     }
//!
//!     async fn leave(&self, socket: Socket<Chat>) {
//!         if let Ok(true) = socket.emit().confirm("Sure?").await {
//!             socket.disconnect();
//!         }
//!     }
//! }
//!
//! impl Lifecycle<Chat> for ChatServer {
//!     async fn authenticate(
//!         &self,
//!         _: &Handshake<Chat>,
//!         credentials: Credentials,
//!     ) -> Result<String, ConnectError> {
//!         match &*credentials.name {
//!             "mallory" => Err(ConnectError::new("not you")),
//!             _ => Ok(credentials.name),
//!         }
//!     }
//! }
//!
//! fn credentials(name: &str) -> Credentials {
//!     Credentials { name: name.to_owned() }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The same router that the application serves.
//! let (layer, io) = SocketIo::builder().build_layer();
//! io.mount::<Chat, _>(ChatServer)?;
//! let app = axum::Router::new().layer(layer);
//!
//! let ada = testing::Client::connect(&app, Chat, credentials("ada")).await?;
//! let bob = testing::Client::connect(&app, Chat, credentials("bob")).await?;
//! let refused = testing::Client::connect(&app, Chat, credentials("mallory")).await;
//! let error = refused.err().ok_or("the server refuses mallory")?;
//! assert_eq!(error.refusal().map(ConnectError::message), Some("not you"));
//!
//! // A typed acknowledgement.
//! assert_eq!(ada.emit().post("hello").await?, Ok(1));
//! assert_eq!(ada.emit().post("").await?, Err(PostError::Empty));
//!
//! // Bob's next event, with exactly these arguments.
//! bob.expect().chat_message("ada", "hello").await?;
//! ada.expect_nothing().await?;
//!
//! // An event that the client acknowledges.
//! bob.emit().leave().await?;
//! bob.expect().confirm("Sure?").await?.answer(true)?;
//! assert_eq!(bob.disconnected().await?, testing::Disconnected::ByServer);
//!
//! // An event whose arguments are matched by a pattern.
//! let bob = testing::Client::connect(&app, Chat, credentials("bob")).await?;
//! assert_eq!(bob.emit().post("back").await?, Ok(1));
//! let text = expect_event!(ada, ServerToClientEvent::ChatMessage { author, text } if author == "bob" => text);
//! assert_eq!(text, "back");
//! # Ok(())
//! # }
//! ```
//!
//! Every operation of a client has a [`timeout`](Builder::timeout) of 5 s by default. A [`Failure`] contains the
//! expected result, the actual result, and the events that came before. All timers use tokio's clock: under
//! [`tokio::time::pause`](https://docs.rs/tokio/latest/tokio/time/fn.pause.html), tests of timeouts and heartbeats take
//! no time. The only exception is event [rates](crate::Rate), which use the real clock.
//!
//! See also the guide to [testing](crate::guide::testing).

mod client;
mod codec;
mod connection;
mod emit;
mod expect;
mod failure;
mod hub;
mod inbox;
mod server;
mod shown;
mod transport;

pub use client::{Client, ConnectFailure};
pub use connection::{Builder, Connection};
pub use emit::{RawEvent, Sent, ToServer};
pub use expect::{Asked, Expecting, Question};
pub use failure::{Failure, Problem};
pub use hub::Hub;
pub use inbox::Disconnected;
pub use server::Server;

#[doc(inline)]
pub use crate::expect_event;

/// Takes the next event of a [`Client`], which must match a pattern, and returns the expression after `=>`.
///
/// ```no_run
/// # use sio_types::{prelude::*, testing::{Client, expect_event}};
/// # #[events]
/// # trait ServerToClient {
/// #     fn posted(id: u32, text: String);
/// #     fn typing(name: String);
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
/// # struct Chat;
/// # async fn test(bob: Client<Chat>) {
/// let id = expect_event!(bob, ServerToClientEvent::Posted { id, text } if text == "hello" => id);
/// expect_event!(bob, ServerToClientEvent::Typing { .. });
/// # }
/// ```
///
/// The macro awaits, so it can only be used in an `async` function.
///
/// # Panics
///
/// Panics if another event or no event arrives, with the [`Failure`] as the message.
#[macro_export]
#[doc(hidden)]
macro_rules! expect_event {
    ($client:expr, $pattern:pat $(if $guard:expr)? $(=> $value:expr)? $(,)?) => {
        match $crate::testing::Client::next_or_failure(
            &$client,
            ::core::stringify!($pattern $(if $guard)?),
        )
        .await
        {
            #[allow(unreachable_patterns, unused_variables)]
            ::core::result::Result::Ok((event, failure)) => match event {
                $pattern $(if $guard)? => {
                    $($value)?
                }
                _ => ::core::panic!("{failure}"),
            },
            ::core::result::Result::Err(failure) => ::core::panic!("{failure}"),
        }
    };
}
