//! Connections of test clients to a server.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use http::{HeaderName, HeaderValue, Request, header::InvalidHeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_tungstenite::{client_async, tungstenite::client::IntoClientRequest};

use super::{
    client::{Client, ConnectFailure},
    codec::Codec,
    failure::{Failure, Problem},
    inbox::Phase,
    server::{Server, TestService},
    transport::Transport,
};
use crate::{
    config::parser::Parser, contract::namespace::Namespace, protocol::Value,
    session::connect_error::ConnectError, upstream::Packet,
};

/// Configuration of a test client's connection. The defaults are those of the official client.
///
/// ```no_run
/// # use sio_types::{Parser, prelude::*, testing};
/// # #[derive(Events)]
/// # #[events(namespace = "/chat")]
/// # struct Chat;
/// # async fn test(app: axum::Router) -> Result<(), Box<dyn std::error::Error>> {
/// let connection = testing::Connection::builder()
///     .parser(Parser::Msgpack)
///     .query("version", "3")
///     .header("x-forwarded-for", "192.0.2.1")
///     .open(&app)
///     .await?;
/// let ada = connection.connect(Chat, ()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder opens no connection until `open` is called"]
pub struct Builder {
    parser: Parser,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    address: SocketAddr,
    timeout: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            parser: Parser::default(),
            path: "/socket.io".to_owned(),
            query: "EIO=4&transport=websocket".to_owned(),
            headers: Vec::new(),
            address: (Ipv4Addr::LOCALHOST, 1).into(),
            timeout: Duration::from_secs(5),
        }
    }
}

impl Builder {
    /// Sets the parser, which must be the same as the server's.
    pub fn parser(self, parser: Parser) -> Self {
        Self { parser, ..self }
    }

    /// Sets the path of the server; `/socket.io` by default ([`req_path`](crate::Builder::req_path)).
    pub fn path(self, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { path, ..self }
    }

    /// Adds a parameter to the handshake's [query](https://socket.io/docs/v4/client-options/#query).
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        self.query = format!("{}&{}={}", self.query, encoded(name), encoded(value));
        self
    }

    /// Adds a header to the handshake request, such as a cookie.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the client's address, which the server sees as [`ClientAddress::peer`](crate::ClientAddress::peer). By
    /// default, the client is on the same machine.
    pub fn address(self, address: impl Into<SocketAddr>) -> Self {
        let address = address.into();
        Self { address, ..self }
    }

    /// Sets the timeout of every operation; 5 s by default.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Connects to a server with an HTTP request in memory, which is upgraded to a WebSocket. It joins no namespace.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::Unreachable`] if the server does not accept the upgrade or a header is not valid, and
    /// [`Problem::TimedOut`] if it does not answer.
    pub async fn open(self, server: &impl Server) -> Result<Connection, Failure> {
        let way = Arc::new((self, server.door()));
        let transport = Arc::new(open(&way.0, &way.1).await?);
        Ok(Connection { way, transport })
    }

    fn request(&self) -> Result<Request<()>, String> {
        let Self { path, query, .. } = self;
        let path = path.trim_end_matches('/');
        let request = format!("ws://localhost{path}/?{query}").into_client_request();
        let mut request = request.map_err(|error| error.to_string())?;
        for (name, value) in &self.headers {
            let name: HeaderName = name
                .parse()
                .map_err(|_| format!("invalid header name `{name}`"))?;
            let value: HeaderValue = value
                .parse()
                .map_err(|error: InvalidHeaderValue| error.to_string())?;
            request.headers_mut().append(name, value);
        }
        Ok(request)
    }
}

async fn open(settings: &Builder, door: &TestService) -> Result<Transport, Failure> {
    let timeout = settings.timeout;
    let failure = |problem| Failure::new("a connection", problem);
    let unreachable = |reason: String| failure(Problem::Unreachable(reason));
    let request = settings.request().map_err(unreachable)?;
    let handshake =
        tokio::time::timeout(timeout, client_async(request, door.open(settings.address)));
    let (socket, _) = handshake
        .await
        .map_err(|_| failure(Problem::TimedOut(timeout)))?
        .map_err(|error| unreachable(error.to_string()))?;
    let transport = Transport::new(socket, Codec::new(settings.parser));
    let opened = transport.received.wait(timeout, |state| match &state.end {
        _ if state.is_open => Some(Ok(())),
        Some(end) => Some(Err(unreachable(end.clone()))),
        None => None,
    });
    opened
        .await
        .unwrap_or_else(|| Err(failure(Problem::TimedOut(timeout))))?;
    Ok(transport)
}

/// A connection to a server. Its clients may be in several namespaces, as with Socket.IO's
/// [`Manager`](https://socket.io/docs/v4/client-api/#manager).
///
/// ```
/// use sio_types::{prelude::*, testing::Connection};
///
/// #[derive(Events)]
/// #[events(namespace = "/chat")]
/// struct Chat;
///
/// #[derive(Events)]
/// #[events(namespace = "/admin")]
/// struct Admin;
///
/// struct Server;
///
/// impl Lifecycle<Chat> for Server {}
/// impl Lifecycle<Admin> for Server {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (layer, io) = SocketIo::builder().build_layer();
/// io.mount::<Chat, _>(Server)?;
/// io.mount::<Admin, _>(Server)?;
///
/// let connection = Connection::open(&layer).await?;
/// let chat = connection.connect(Chat, ()).await?;
/// let admin = connection.connect(Admin, ()).await?;
/// chat.disconnect().await?;
/// assert_eq!(io.health().connections, 1);
/// # Ok(())
/// # }
/// ```
///
/// It ends when it and all its clients are dropped. Clones share the connection.
#[derive(Clone)]
pub struct Connection {
    way: Arc<(Builder, TestService)>,
    transport: Arc<Transport>,
}

impl Connection {
    /// Returns a builder for a connection with other settings than the default ones.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Connects to a server with the default settings: JSON packets and no headers.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Builder::open`].
    pub async fn open(server: &impl Server) -> Result<Self, Failure> {
        Self::builder().open(server).await
    }

    /// Connects to a namespace.
    ///
    /// # Errors
    ///
    /// Returns [`ConnectFailure::Refused`] if the server refuses the client, and [`ConnectFailure::Failed`] if it does
    /// not answer, or if another client of this connection is already in the namespace.
    pub async fn connect<N: Namespace>(
        &self,
        namespace: N,
        auth: N::Auth,
    ) -> Result<Client<N>, ConnectFailure<N::ConnectErrorData>> {
        let auth = self.transport.codec.auth(&auth);
        let auth =
            auth.map_err(|error| Failure::new("to send the `auth`", Problem::Emit(error)))?;
        self.connect_encoded(namespace.path(), auth).await
    }

    /// Connects to a namespace with an untyped `auth`, to test how the server handles it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`connect`](Self::connect).
    pub async fn connect_raw<N: Namespace>(
        &self,
        namespace: N,
        auth: serde_json::Value,
    ) -> Result<Client<N>, ConnectFailure<N::ConnectErrorData>> {
        let auth = self.transport.codec.auth(&auth);
        let auth =
            auth.map_err(|error| Failure::new("to send the `auth`", Problem::Emit(error)))?;
        self.connect_encoded(namespace.path(), auth).await
    }

    pub(super) async fn connect_encoded<N: Namespace>(
        &self,
        path: String,
        auth: Value,
    ) -> Result<Client<N>, ConnectFailure<N::ConnectErrorData>> {
        let wanted = format!("a connection to `{path}`");
        let failed = |problem| Failure::new(&*wanted, problem);
        let received = &self.transport.received;
        if !received.change(|state| state.begin(&path)) {
            let reason = "another client of this connection is already in the namespace";
            return Err(failed(Problem::Unreachable(reason.to_owned())).into());
        }
        let packet = Packet::connect(path.clone(), Some(auth.clone()));
        self.transport.send(packet);
        let answer = received.wait(self.timeout(), |state| {
            if let Some(end) = &state.end {
                return Some(Err(failed(Problem::Unreachable(end.clone())).into()));
            }
            match &state.namespaces.get(&path)?.phase {
                Phase::Connecting => None,
                Phase::Connected(id) => Some(Ok(*id)),
                Phase::Refused(message) => Some(Err(refused::<N>(message))),
                Phase::Gone(reason) => Some(Err(failed(Problem::Disconnected(*reason)).into())),
            }
        });
        let Some(answer) = answer.await else {
            // Allows another attempt.
            received.change(|state| state.namespaces.remove(&path));
            return Err(failed(Problem::TimedOut(self.timeout())).into());
        };
        let id = answer?;
        Ok(Client::new(self.clone(), path, auth, id))
    }

    /// Returns the same connection, or a new one if it has ended.
    pub(super) async fn again(&self) -> Result<Self, Failure> {
        if !self.transport.is_over() {
            return Ok(self.clone());
        }
        let way = self.way.clone();
        let transport = Arc::new(open(&way.0, &way.1).await?);
        Ok(Self { way, transport })
    }

    pub(super) fn transport(&self) -> &Arc<Transport> {
        &self.transport
    }

    pub(super) fn timeout(&self) -> Duration {
        self.way.0.timeout
    }
}

fn refused<N: Namespace>(message: &str) -> ConnectFailure<N::ConnectErrorData> {
    ConnectFailure::Refused(ConnectError::from_wire(message.to_owned()))
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
