//! Lifecycle hooks of a socket.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Uri, request::Parts};
use serde::Serialize;
use tokio::time::Instant;

use super::{
    expiry::{instant_at, instant_in},
    socket::Socket,
};
use crate::{
    connection::connection::Connection,
    contract::namespace::Namespace,
    protocol::{Sid, TransportType},
    upstream::RawSocket,
    wire::acknowledgement::RejectionCode,
};

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

/// Error that rejects a client, returned by [`Lifecycle::authenticate`].
///
/// ```
/// use sio_types::ConnectError;
///
/// let error: ConnectError = ConnectError::new("unknown token");
/// assert_eq!(error.message(), "unknown token");
/// ```
///
/// A namespace can declare the type of additional data, which the client receives as well:
///
/// ```
/// use sio_types::prelude::*;
///
/// #[payload]
/// enum SignInError {
///     UnknownToken,
///     Banned { until: String },
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", auth = String, connect_error = SignInError)]
/// struct Chat;
///
/// struct ChatServer;
///
/// impl Lifecycle<Chat> for ChatServer {
///     async fn authenticate(
///         &self,
///         _: &Handshake<Chat>,
///         token: String,
///     ) -> Result<(), ConnectError<SignInError>> {
///         match token.as_str() {
///             "ada-token" => Ok(()),
///             _ => Err(ConnectError::new("unknown token").with_data(SignInError::UnknownToken)),
///         }
///     }
/// }
/// ```
///
/// See also the guide to [refusals](crate::guide::authentication#refusals).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectError<D = ()> {
    message: String,
    data: Option<D>,
}

impl<D> ConnectError<D> {
    /// Creates an error without data. `message` is the message of the client's `connect_error`.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: None,
        }
    }

    /// Adds `data`, of the type that the namespace declares with `connect_error = …`.
    ///
    /// socketioxide sends only a message. With data, the message is the JSON text `{"message": …, "data": …}`, which
    /// the generated `connectErrorData` parses.
    #[must_use]
    pub fn with_data(mut self, data: D) -> Self {
        self.data = Some(data);
        self
    }

    /// Returns the message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the typed data, if any.
    pub fn data(&self) -> Option<&D> {
        self.data.as_ref()
    }
}

impl<D: Serialize> ConnectError<D> {
    pub(crate) fn into_wire(self) -> String {
        #[derive(Serialize)]
        struct WithData<'a, D> {
            message: &'a str,
            data: D,
        }
        let Some(data) = self.data else {
            return self.message;
        };
        let message = &self.message;
        serde_json::to_string(&WithData { message, data }).unwrap_or_else(|error| {
            tracing::error!(%error, "failed to encode the data of a connect error");
            self.message
        })
    }
}

#[cfg(feature = "testing")]
impl<D: serde::de::DeserializeOwned> ConnectError<D> {
    /// Reads an error written by [`into_wire`](Self::into_wire); any other text is a message without data.
    pub(crate) fn from_wire(text: String) -> Self {
        #[derive(serde::Deserialize)]
        struct WithData<D> {
            message: String,
            data: D,
        }
        match serde_json::from_str(&text) {
            Ok(WithData { message, data }) => Self::new(message).with_data(data),
            Err(_) => Self::new(text),
        }
    }
}

/// Connection request of a client that is not authenticated yet: the counterpart of Node's
/// [`socket.handshake`](https://socket.io/docs/v4/server-api/#sockethandshake).
///
/// ```
/// use std::time::Duration;
///
/// use sio_types::prelude::*;
///
/// #[derive(Events)]
/// #[events(namespace = "/workspace/{tenant}", auth = String, socket_data = String)]
/// struct Workspace {
///     tenant: String,
/// }
///
/// struct WorkspaceServer;
///
/// impl Lifecycle<Workspace> for WorkspaceServer {
///     async fn authenticate(
///         &self,
///         handshake: &Handshake<Workspace>,
///         token: String,
///     ) -> Result<String, ConnectError> {
///         if handshake.namespace().tenant != "acme" {
///             return Err(ConnectError::new("unknown tenant"));
///         }
///         handshake.expires_in(Duration::from_secs(3600));
///         Ok(token)
///     }
/// }
/// ```
///
/// After the connection, [`Socket::request_parts`] has the head of the same request.
pub struct Handshake<N> {
    raw: Arc<RawSocket>,
    connection: Arc<Connection>,
    namespace: N,
    deadline: Mutex<Option<Instant>>,
}

impl<N: Namespace> Handshake<N> {
    pub(crate) fn new(raw: Arc<RawSocket>, connection: Arc<Connection>, namespace: N) -> Self {
        Self {
            raw,
            connection,
            namespace,
            deadline: Mutex::default(),
        }
    }

    /// Returns the namespace and the session's expiry time.
    pub(crate) fn into_parts(self) -> (N, Option<Instant>) {
        let deadline = self.deadline.into_inner();
        let deadline = deadline.unwrap_or_else(PoisonError::into_inner);
        (self.namespace, deadline)
    }

    /// Returns the namespace that the client connects to, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        &self.namespace
    }

    /// Returns the id that the socket will have if the server accepts the client.
    pub fn socket_id(&self) -> Sid {
        self.raw.id
    }

    /// Returns the headers of the connection's first request.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts().headers
    }

    /// Returns the URI of the connection's first request.
    pub fn uri(&self) -> &Uri {
        &self.parts().uri
    }

    /// Returns the first query parameter with this name, decoded (the client's
    /// [`query`](https://socket.io/docs/v4/client-options/#query) option).
    pub fn query(&self, name: &str) -> Option<String> {
        query(self.uri()).remove(name)
    }

    /// Returns the current transport: polling or WebSocket.
    pub fn transport(&self) -> TransportType {
        self.connection.transport()
    }

    /// Sets the time at which the session expires, as [`Socket::expires_at`] does for a connected socket. Sessions do
    /// not expire unless a time is set.
    pub fn expires_at(&self, time: SystemTime) {
        self.set_deadline(instant_at(time));
    }

    /// Sets the duration from now after which the session expires, as [`Socket::expires_in`] does for a connected
    /// socket.
    pub fn expires_in(&self, time: Duration) {
        self.set_deadline(instant_in(time));
    }

    fn set_deadline(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// Returns the whole request head, including the extensions that tower layers have added.
    pub fn parts(&self) -> &Parts {
        self.raw.req_parts()
    }
}

pub(crate) fn query(uri: &Uri) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    for pair in uri.query().unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters
            .entry(form_decode(name))
            .or_insert_with(|| form_decode(value));
    }
    parameters
}

fn form_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}
