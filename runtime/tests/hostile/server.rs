//! The attacked server.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use sio_types::{Parser, prelude::*};
use sio_types_test_support::server;

#[payload]
#[serde(tag = "type")]
pub enum Shape {
    Point { x: u32, y: Option<u32> },
    Blob { num: u8, bytes: Option<Binary> },
    Shapes { shapes: Vec<Shape> },
}

#[events]
pub trait ServerToClient {
    fn question(text: String) -> bool;
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn add(left: u32, right: u32) -> Result<u32, String>;
    fn echo(value: Value) -> Value;
    fn shape(shape: Shape) -> Result<Shape, String>;
    fn bytes(bytes: Binary) -> u32;
    /// Asks a client that may not answer.
    fn ask() -> Option<bool>;
    /// Asks a client that answers, with a long timeout for a busy machine.
    fn ask_patiently() -> Option<bool>;
    fn slow(milliseconds: u64) -> ();
}

/// Socket data that counts as a reference to the socket until everything about the socket is dropped.
#[payload]
#[derive(Clone, Default)]
pub struct Presence {
    #[serde(skip)]
    count: Arc<()>,
}

#[payload]
pub struct Token {
    pub token: String,
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer, socket_data = Presence)]
pub struct Root;

#[derive(Events)]
#[events(
    namespace = "/shop",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = Presence,
    auth = Token,
)]
pub struct Shop;

#[derive(Events)]
#[events(
    namespace = "/tenant/{name}/{number}",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = Presence,
)]
pub struct Tenant {
    pub name: String,
    pub number: u32,
}

#[derive(Clone, Default)]
struct Handler(Presence);

async fn asked<N>(socket: &Socket<N>, timeout: Duration) -> Option<bool>
where
    N: sio_types::Namespace<ServerToClient = dyn ServerToClient>,
{
    let question = socket.timeout(timeout).emit().question("are you there?");
    question.await.ok()
}

impl<N> ClientToServer<Socket<N>> for Handler
where
    N: sio_types::Namespace<
            ServerToClient = dyn ServerToClient,
            ClientToServer = dyn ClientToServer,
        >,
{
    async fn alive(&self, _: Socket<N>) {}

    async fn add(&self, _: Socket<N>, left: u32, right: u32) -> Result<u32, String> {
        left.checked_add(right)
            .ok_or_else(|| "too large".to_owned())
    }

    async fn echo(&self, _: Socket<N>, value: Value) -> Value {
        value
    }

    async fn shape(&self, _: Socket<N>, shape: Shape) -> Result<Shape, String> {
        Ok(shape)
    }

    async fn bytes(&self, _: Socket<N>, bytes: Binary) -> u32 {
        bytes.len().try_into().unwrap_or(u32::MAX)
    }

    async fn ask(&self, socket: Socket<N>) -> Option<bool> {
        asked(&socket, Duration::from_millis(300)).await
    }

    async fn ask_patiently(&self, socket: Socket<N>) -> Option<bool> {
        asked(&socket, Duration::from_secs(60)).await
    }

    async fn slow(&self, _: Socket<N>, milliseconds: u64) {
        tokio::time::sleep(Duration::from_millis(milliseconds % 10)).await;
    }
}

impl<N: sio_types::Namespace<Auth: Send, SocketData = Presence, ConnectErrorData = ()>> Lifecycle<N>
    for Handler
{
    async fn authenticate(&self, _: &Handshake<N>, _: N::Auth) -> Result<Presence, ConnectError> {
        Ok(self.0.clone())
    }
}

/// A server, and a count of the remaining references to its sockets.
pub(crate) struct Server {
    pub(crate) parser: Parser,
    server: server::Server,
    presence: Presence,
}

impl Server {
    pub(crate) async fn start(parser: Parser) -> Self {
        // The server soon notices clients that disappear without closing the connection.
        let builder = SocketIo::builder()
            .parser(parser)
            .ping_interval(Duration::from_secs(1))
            .ping_timeout(Duration::from_secs(4))
            .connect_timeout(Duration::from_secs(2));
        let presence = Presence::default();
        let handler = Handler(presence.clone());
        let server = server::serve(builder, |io| {
            io.mount::<Root, _>(handler.clone()).expect("mounted once");
            io.mount::<Shop, _>(handler.clone()).expect("mounted once");
            io.mount::<Tenant, _>(handler).expect("mounted once");
        })
        .await;
        Self {
            parser,
            server,
            presence,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Waits until at most `wanted` sockets and connections are left. A client that never connected to a namespace has
    /// no socket.
    pub(crate) async fn has_left(&self, wanted: usize) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let (alive, listed) = (self.alive(), self.listed());
            let connections = self.server.io.health().connections;
            if alive <= wanted && listed <= wanted && connections <= wanted {
                break;
            }
            let parser = self.parser;
            assert!(
                Instant::now() < deadline,
                "{parser:?}: {alive} are left, {listed} are listed, {connections} are connected"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns the number of sockets that are not fully dropped.
    fn alive(&self) -> usize {
        // One reference belongs to the test, and one to each namespace.
        Arc::strong_count(&self.presence.count) - 4
    }

    fn listed(&self) -> usize {
        let io = &self.server.io;
        let tenants = io.all::<Tenant>().sockets().len();
        io.of(Root).sockets().len() + io.of(Shop).sockets().len() + tenants
    }
}
