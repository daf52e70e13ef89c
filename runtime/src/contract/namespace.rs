//! Namespaces, as `#[derive(Events)]` declares them, and aliases for their event types.

use super::path::{PathError, PathParameters, PathWriter};
use crate::{
    contract::events::EventSet, describe::build::NamespaceBuilder, wire::payload::Payload,
};

/// A Socket.IO [namespace](https://socket.io/docs/v4/namespaces/): its path, its events, and the data of its sockets.
///
/// [`#[derive(Events)]`](derive@crate::Events) implements it:
///
/// ```
/// use sio_types::{Namespace, prelude::*};
///
/// #[derive(Events)]
/// #[events(namespace = "/workspace/{tenant}")]
/// struct Workspace {
///     tenant: String,
/// }
///
/// assert_eq!(Workspace::PATTERN, "/workspace/{tenant}");
/// let workspace = Workspace { tenant: "Acme & Co".to_owned() };
/// assert_eq!(workspace.path(), "/workspace/Acme%20%26%20Co");
/// ```
///
/// See also the guide to [namespaces](crate::guide::namespaces).
pub trait Namespace: Sized + Send + Sync + 'static {
    /// Rust name of the type.
    const NAME: &'static str;
    /// Path, with `{name}` for each parameter.
    const PATTERN: &'static str;
    #[doc(hidden)]
    const DOCS: &'static str;
    #[doc(hidden)]
    const TS_PREFIX: Option<&'static str>;
    #[doc(hidden)]
    const BIGINT_AS_TEXT: bool;
    #[doc(hidden)]
    const ANONYMOUS: bool;

    /// Events that the server sends.
    type ServerToClient: EventSet + ?Sized;
    /// Events that clients send.
    type ClientToServer: EventSet + ?Sized;
    /// Events that the servers of a cluster send each other.
    type InterServer: EventSet + ?Sized;
    /// Data of every socket, created by [`Lifecycle::authenticate`](crate::Lifecycle::authenticate).
    type SocketData: Payload;
    /// `auth` data of the [handshake](https://socket.io/docs/v4/client-options/#auth).
    type Auth: Payload;
    /// `data` of the error that a client receives when the server rejects its connection.
    type ConnectErrorData: Payload;

    #[doc(hidden)]
    fn from_parameters(parameters: &PathParameters<'_>) -> Result<Self, PathError>;
    #[doc(hidden)]
    fn write_parameters(&self, path: &mut PathWriter);
    #[doc(hidden)]
    fn describe_parameters(namespace: &mut NamespaceBuilder<'_>);
    #[doc(hidden)]
    fn anonymous() -> Option<Self::SocketData> {
        None
    }

    /// Returns the path of this namespace, with its parameters filled in and
    /// [percent-encoded](https://url.spec.whatwg.org/#component-percent-encode-set).
    fn path(&self) -> String {
        let mut path = PathWriter::new(Self::PATTERN);
        self.write_parameters(&mut path);
        path.finish()
    }
}

/// Event from a client of `N`, with its arguments: the enum that [`#[events]`](macro@crate::events) generates.
pub type IncomingEvent<N> = <<N as Namespace>::ClientToServer as EventSet>::Event;

/// Event from the server to the clients of `N`, with its arguments: the enum that [`#[events]`](macro@crate::events)
/// generates.
pub type OutgoingEvent<N> = <<N as Namespace>::ServerToClient as EventSet>::Event;

/// Emitter of the server's events of `N` to the target `T`, with one method per event.
pub type EventEmitter<N, T> = <<N as Namespace>::ServerToClient as EventSet>::Emitter<T>;
