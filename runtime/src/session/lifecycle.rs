//! Lifecycle hooks of a socket.

use std::{fmt, future::Future};

use super::{connect_error::ConnectError, handshake::Handshake, socket::Socket};
use crate::{contract::namespace::Namespace, wire::acknowledgement::RejectionCode};

pub use crate::protocol::DisconnectReason;

/// Lifecycle hooks of a namespace's sockets.
///
/// All hooks are optional, except [`authenticate`](Self::authenticate) if the namespace declares `auth` or
/// `socket_data`. For a namespace without hooks, write `impl Lifecycle<Chat> for ChatServer {}`.
///
/// ```
/// use sio_types::prelude::*;
///
/// #[payload]
/// struct Credentials {
///     token: String,
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", auth = Credentials, socket_data = String)]
/// struct Chat;
///
/// struct ChatServer;
///
/// impl Lifecycle<Chat> for ChatServer {
///     async fn authenticate(
///         &self,
///         _: &Handshake<Chat>,
///         credentials: Credentials,
///     ) -> Result<String, ConnectError> {
///         match credentials.token.as_str() {
///             "ada-token" => Ok("Ada".to_owned()),
///             _ => Err(ConnectError::new("unknown token")),
///         }
///     }
///
///     async fn connected(&self, socket: Socket<Chat>) {
///         socket.join("lobby");
///     }
///
///     async fn disconnected(&self, socket: Socket<Chat>, reason: DisconnectReason) {
///         tracing::info!(user = socket.data(), ?reason, "client disconnected");
///     }
/// }
/// ```
///
/// For each socket, the hooks run in this order: `authenticate`, `connected`, the handlers of its events,
/// `disconnected`. A client can leave before `connected` starts; then neither `connected` nor `disconnected` runs. A
/// panic in a hook is logged and does not affect other sockets.
///
/// See also the guides to [handlers](crate::guide::handlers#lifecycle-hooks) and
/// [authentication](crate::guide::authentication).
pub trait Lifecycle<N: Namespace>: Send + Sync + 'static {
    /// Authenticates a client and returns its socket data. Runs before the server confirms the connection to the
    /// client.
    ///
    /// The hook corresponds to Socket.IO's [middlewares](https://socket.io/docs/v4/middlewares/).
    ///
    /// A namespace that declares `auth` or `socket_data` requires this hook: without it, `cargo build` fails (but not
    /// `cargo check`). By default, the hook accepts every client.
    ///
    /// # Errors
    ///
    /// The server rejects the client with the returned [`ConnectError`], which the client receives as
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error). If the hook panics, the server
    /// rejects the client with the message `internal error`.
    fn authenticate(
        &self,
        handshake: &Handshake<N>,
        auth: N::Auth,
    ) -> impl Future<Output = Result<N::SocketData, ConnectError<N::ConnectErrorData>>> + Send {
        const {
            assert!(
                N::ANONYMOUS,
                "missing `authenticate` in `impl Lifecycle`; a namespace with `auth` or `socket_data` requires it",
            );
        }
        let _ = (handshake, auth);
        async { N::anonymous().ok_or_else(|| ConnectError::new("authentication is not set up")) }
    }

    /// Called when the client is connected, before any of its events
    /// ([`connection`](https://socket.io/docs/v4/server-api/#event-connection)).
    ///
    /// Up to 1,024 events that arrive meanwhile wait for this hook, so long-running work belongs in a separate task.
    /// The server rejects further events as `overloaded`. A panic disconnects the socket.
    fn connected(&self, socket: Socket<N>) -> impl Future<Output = ()> + Send {
        let _ = socket;
        async {}
    }

    /// Called when the socket is disconnected and has left all rooms
    /// ([`disconnect`](https://socket.io/docs/v4/server-socket-instance/#disconnect)). [`Socket::rooms`] returns the
    /// rooms that it has left, as in Node's
    /// [`disconnecting`](https://socket.io/docs/v4/server-socket-instance/#disconnecting) event.
    ///
    /// A client that enters the namespace again on the same connection waits until this hook has run, for 10 s at most.
    /// The guide to [disconnection](crate::guide::handlers#disconnection) explains the reasons.
    fn disconnected(
        &self,
        socket: Socket<N>,
        reason: DisconnectReason,
    ) -> impl Future<Output = ()> + Send {
        let _ = (socket, reason);
        async {}
    }

    /// Called when the session of a socket expires, before the server disconnects the client. [`Socket::expires_at`],
    /// [`Socket::expires_in`] or their counterparts of the [`Handshake`] set the time.
    ///
    /// The hook can send the client an event, and can set a new expiry time. So can an event handler meanwhile, for
    /// example when the client sends a new token. The server waits for the hook for 10 s at most.
    ///
    /// See also the guide to [session expiry](crate::guide::authentication#session-expiry).
    fn expired(&self, socket: Socket<N>) -> impl Future<Output = ()> + Send {
        let _ = socket;
        async {}
    }

    /// Called for every event of a client that was not handled, after the server has logged and counted it. See
    /// [`Rejected`].
    fn rejected(&self, socket: &Socket<N>, rejected: &Rejected) {
        let _ = (socket, rejected);
    }
}

/// Event of a client that the server did not handle, passed to [`Lifecycle::rejected`].
///
/// ```
/// use sio_types::{Rejected, RejectionCode, prelude::*};
///
/// # #[derive(Events)]
/// # #[events(namespace = "/chat")]
/// # struct Chat;
/// # struct ChatServer;
/// impl Lifecycle<Chat> for ChatServer {
///     fn rejected(&self, socket: &Socket<Chat>, rejected: &Rejected) {
///         if rejected.code == RejectionCode::InvalidPayload {
///             tracing::warn!(socket = %socket.id(), %rejected, "client sends invalid events");
///         }
///     }
/// }
/// ```
///
/// See also the guide to [rejected events](crate::guide::handlers#rejected-events).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// Name of the event on the wire.
    pub event: String,
    /// Kind of the rejection.
    pub code: RejectionCode,
    /// Exact reason. The client receives it only in [development mode](crate::Builder::development), or if middleware
    /// rejected the event.
    pub detail: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event `{}` was rejected: {}", self.event, self.detail)
    }
}
