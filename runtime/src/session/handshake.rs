//! Connection request of a client, before the client is authenticated.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Uri, request::Parts};
use tokio::time::Instant;

use crate::{
    connection::connection::Connection,
    contract::namespace::Namespace,
    protocol::{Sid, TransportType},
    support::deadline::{instant_at, instant_in},
    upstream::RawSocket,
};

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
/// After the connection, [`Socket::request_parts`](crate::Socket::request_parts) has the head of the same request.
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

    /// Sets the time at which the session expires, as [`Socket::expires_at`](crate::Socket::expires_at) does for a connected socket. Sessions do
    /// not expire unless a time is set.
    pub fn expires_at(&self, time: SystemTime) {
        self.set_deadline(instant_at(time));
    }

    /// Sets the duration from now after which the session expires, as [`Socket::expires_in`](crate::Socket::expires_in) does for a connected
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
