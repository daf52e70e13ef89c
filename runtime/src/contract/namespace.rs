//! What `#[events]` and `#[derive(Events)]` tell the runtime: sets of events, and the namespaces that carry them.

use super::path::{PathError, PathParameters, PathWriter};
use crate::{
    contract::events::EventSet, describe::build::NamespaceBuilder, wire::payload::Payload,
};

/// What can be sent: `Serialize`, `Deserialize` and `JsonSchema`, which [`#[payload]`](macro@crate::payload) derives.
/// A Socket.IO [namespace](https://socket.io/docs/v4/namespaces/): its path, its events, and what a socket in it
/// carries. Derived by [`#[derive(Events)]`](derive@crate::Events).
pub trait Namespace: Sized + Send + Sync + 'static {
    /// The Rust name of the type.
    const NAME: &'static str;
    /// The path, with `{name}` for each parameter.
    const PATTERN: &'static str;
    #[doc(hidden)]
    const DOCS: &'static str;
    #[doc(hidden)]
    const TS_PREFIX: Option<&'static str>;
    #[doc(hidden)]
    const BIGINT_AS_TEXT: bool;
    #[doc(hidden)]
    const ANONYMOUS: bool;

    /// What the server sends.
    type ServerToClient: EventSet + ?Sized;
    /// What clients send.
    type ClientToServer: EventSet + ?Sized;
    /// What the servers of a cluster tell each other.
    type InterServer: EventSet + ?Sized;
    /// What every socket carries, made by [`Lifecycle::authenticate`](crate::Lifecycle::authenticate).
    type SocketData: Payload;
    /// The `auth` of the [handshake](https://socket.io/docs/v4/client-options/#auth).
    type Auth: Payload;
    /// The `data` of a refused connection's error.
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

    /// The path of this very namespace, parameters filled in and
    /// [percent-encoded](https://url.spec.whatwg.org/#component-percent-encode-set).
    fn path(&self) -> String {
        let mut path = PathWriter::new(Self::PATTERN);
        self.write_parameters(&mut path);
        path.finish()
    }
}

/// One event from the clients of `N`.
pub type IncomingEvent<N> = <<N as Namespace>::ClientToServer as EventSet>::Event;

/// One event from the server to the clients of `N`.
pub type OutgoingEvent<N> = <<N as Namespace>::ServerToClient as EventSet>::Event;

/// The emitter of what the server of `N` sends, towards `T`.
pub type EventEmitter<N, T> = <<N as Namespace>::ServerToClient as EventSet>::Emitter<T>;
