//! What happens to a socket around its events.

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
    connection::connection::connection_of,
    contract::namespace::Namespace,
    protocol::{Sid, TransportType},
    upstream::RawSocket,
    wire::acknowledgement::RejectionCode,
};

pub use crate::protocol::DisconnectReason;

/// The hooks of a namespace's sockets, all optional but for
/// [`authenticate`](Self::authenticate) where the namespace declares `auth` or `socket_data`.
///
/// For one socket they run in this order: `authenticate`, `connected`, its events, `disconnected`. A panic in one of them
/// is logged, and no other socket notices.
pub trait Lifecycle<N: Namespace>: Send + Sync + 'static {
    /// Lets a client in, and says what its socket carries; runs before the client is told that it is connected.
    ///
    /// An error reaches the client as
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error).
    /// It corresponds to Socket.IO's [middlewares](https://socket.io/docs/v4/middlewares/). A panic refuses the
    /// client with the message `internal error`.
    ///
    /// Not implemented for a namespace that declares `auth` or `socket_data`, it is an error when the program is
    /// built.
    fn authenticate(
        &self,
        handshake: &Handshake<N>,
        auth: N::Auth,
    ) -> impl Future<Output = Result<N::SocketData, ConnectError<N::ConnectErrorData>>> + Send {
        const {
            assert!(
                N::ANONYMOUS,
                "a namespace with `auth` or `socket_data` needs an `authenticate` in its `impl Lifecycle`",
            );
        }
        let _ = (handshake, auth);
        async { N::anonymous().ok_or_else(|| ConnectError::new("authentication is not set up")) }
    }

    /// Runs when the client is connected, before any of its events.
    ///
    /// Events that arrive meanwhile wait for it: what goes on for long belongs into a task of its own. A panic
    /// disconnects the socket.
    fn connected(&self, socket: Socket<N>) -> impl Future<Output = ()> + Send {
        let _ = socket;
        async {}
    }

    /// Runs when the socket is gone: it is in no room any more, and [`Socket::rooms`] are those that it has left, as
    /// Node tells them in [`disconnecting`](https://socket.io/docs/v4/server-socket-instance/#disconnecting).
    ///
    /// A client that connects to the namespace again waits until this has run, for ten seconds at most.
    fn disconnected(
        &self,
        socket: Socket<N>,
        reason: DisconnectReason,
    ) -> impl Future<Output = ()> + Send {
        let _ = (socket, reason);
        async {}
    }

    /// Runs when the time of a socket is over that [`Socket::expires_at`], [`Socket::expires_in`] or their counterparts of
    /// the [`Handshake`] have set; then the client is disconnected.
    ///
    /// It may tell the client, in an event of its own, and may give it a new time; so may a handler meanwhile, to which the
    /// client sends a new token. It is waited for, for ten seconds at most.
    fn expired(&self, socket: Socket<N>) -> impl Future<Output = ()> + Send {
        let _ = socket;
        async {}
    }

    /// Is told of every event that was not handled, after it was logged and counted.
    fn rejected(&self, socket: &Socket<N>, rejected: &Rejected) {
        let _ = (socket, rejected);
    }
}

/// An event that was not handled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// Its name on the wire.
    pub event: String,
    /// What kind of refusal it is.
    pub code: RejectionCode,
    /// What exactly was wrong, for the server's eyes.
    pub detail: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event `{}` was rejected: {}", self.event, self.detail)
    }
}

/// Why a client is not let in.
///
/// ```
/// use sio_types::ConnectError;
///
/// let error: ConnectError = ConnectError::new("unknown token");
/// assert_eq!(error.message(), "unknown token");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectError<D = ()> {
    message: String,
    data: Option<D>,
}

impl<D> ConnectError<D> {
    /// The `message` of the client's `connect_error`.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: None,
        }
    }

    /// Adds `data`, of the type that the namespace declares with `connect_error = …`.
    ///
    /// socketioxide sends only a message: with data, it is the JSON text
    /// `{"message": …, "data": …}`, which the generated `connectErrorData` takes apart.
    #[must_use]
    pub fn with_data(mut self, data: D) -> Self {
        self.data = Some(data);
        self
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The typed part.
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
            tracing::error!(%error, "the data of a connect error could not be encoded");
            self.message
        })
    }
}

#[cfg(feature = "testing")]
impl<D: serde::de::DeserializeOwned> ConnectError<D> {
    /// Reads what [`into_wire`](Self::into_wire) has written; any other text is a message without data.
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

/// What is known of a client that wants to connect.
pub struct Handshake<N> {
    raw: Arc<RawSocket>,
    namespace: N,
    deadline: Mutex<Option<Instant>>,
}

impl<N: Namespace> Handshake<N> {
    pub(crate) fn new(raw: Arc<RawSocket>, namespace: N) -> Self {
        Self {
            raw,
            namespace,
            deadline: Mutex::default(),
        }
    }

    /// The namespace, and when the time of the socket is over.
    pub(crate) fn into_parts(self) -> (N, Option<Instant>) {
        let deadline = self.deadline.into_inner();
        let deadline = deadline.unwrap_or_else(PoisonError::into_inner);
        (self.namespace, deadline)
    }

    /// The namespace, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        &self.namespace
    }

    /// The id that the socket will have.
    pub fn socket_id(&self) -> Sid {
        self.raw.id
    }

    /// The headers of the connection's first request.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts().headers
    }

    /// The URI of the connection's first request.
    pub fn uri(&self) -> &Uri {
        &self.parts().uri
    }

    /// The first query parameter of this name (the client's
    /// [`query`](https://socket.io/docs/v4/client-options/#query) option).
    pub fn query(&self, name: &str) -> Option<String> {
        query(self.uri()).remove(name)
    }

    /// Polling or WebSocket.
    pub fn transport(&self) -> TransportType {
        match connection_of(&self.raw) {
            Some(connection) => connection.transport(),
            None => self.raw.transport_type(),
        }
    }

    /// Lets the socket stay until then, as [`Socket::expires_at`] does, and from the start.
    pub fn expires_at(&self, time: SystemTime) {
        self.set_deadline(instant_at(time));
    }

    /// Lets the socket stay for so long from now, as [`Socket::expires_in`] does, and from the start.
    pub fn expires_in(&self, time: Duration) {
        self.set_deadline(instant_in(time));
    }

    fn set_deadline(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(deadline);
    }

    /// The whole request head, with the extensions that tower layers have put there.
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
