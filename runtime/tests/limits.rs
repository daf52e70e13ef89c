//! Limits: responses to clients that exceed them, log lines, and other clients, which are unaffected.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use sio_types::{AckError, Limits, Parser, Rate, TooManyRooms, prelude::*};
use sio_types_test_support::{TIMEOUT, logs::Logs, node, server, until};
use tokio::{sync::Notify, time::timeout};

#[events]
pub trait ServerToClient {
    fn question() -> bool;
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn add(left: u32, right: u32) -> Result<u32, String>;
    /// Joins some rooms, starting with number `from`, and returns the number of rooms that the socket is in.
    fn join(from: u32, count: u32) -> Result<u32, String>;
    /// Like `join`, but ignores errors.
    fn join_quietly(from: u32, count: u32) -> u32;
    fn leave(from: u32, count: u32) -> u32;
    /// Asks the client some questions at the same time, and returns the outcomes.
    fn ask(count: u32) -> Vec<String>;
    #[event(rate = "3/h")]
    fn rare(number: u32) -> Result<u32, String>;
    #[event(rate = "2/h burst 4")]
    fn rare_and_quiet();
    /// Returns how many times `rare_and_quiet` was handled.
    fn count() -> u32;
    /// Adds a listener, so that the engine handles events from now on.
    fn listen() -> ();
    /// Releases the events of one client of `/slow`.
    fn release() -> ();
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Root;

/// Holds the first event of each client until a client of `/` releases it.
#[derive(Events)]
#[events(namespace = "/slow", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Slow;

#[derive(Events)]
#[events(
    namespace = "/tenant/{name}",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    auth = Option<String>,
)]
pub struct Tenant {
    pub name: String,
}

#[derive(Clone, Default)]
struct Handler {
    count: Arc<AtomicU32>,
    release: Arc<Notify>,
}

fn rooms(from: u32, count: u32) -> Vec<String> {
    (from..from + count)
        .map(|number| format!("room {number}"))
        .collect()
}

/// Returns the number of rooms that a socket is in, except for the room of its own id.
fn joined<N: sio_types::Namespace>(socket: &Socket<N>) -> u32 {
    (socket.rooms().len() - 1) as u32
}

impl<N> ClientToServer<Socket<N>> for Handler
where
    N: sio_types::Namespace<
            ClientToServer = dyn ClientToServer,
            ServerToClient = dyn ServerToClient,
        >,
{
    async fn alive(&self, _: Socket<N>) {}

    async fn add(&self, _: Socket<N>, left: u32, right: u32) -> Result<u32, String> {
        Ok(left.wrapping_add(right))
    }

    async fn join(&self, socket: Socket<N>, from: u32, count: u32) -> Result<u32, String> {
        let told = |error: TooManyRooms| format!("at most {}", error.limit);
        socket.try_join(rooms(from, count)).map_err(told)?;
        Ok(joined(&socket))
    }

    async fn join_quietly(&self, socket: Socket<N>, from: u32, count: u32) -> u32 {
        socket.join(rooms(from, count));
        joined(&socket)
    }

    async fn leave(&self, socket: Socket<N>, from: u32, count: u32) -> u32 {
        socket.leave(rooms(from, count));
        joined(&socket)
    }

    async fn ask(&self, socket: Socket<N>, count: u32) -> Vec<String> {
        let ask = || socket.timeout(Duration::from_secs(2)).emit().question();
        let questions: Vec<_> = (0..count).map(|_| ask()).collect();
        let outcome = |answer| match answer {
            Ok(true) => "yes".to_owned(),
            Ok(false) => "no".to_owned(),
            Err(AckError::Timeout) => "timeout".to_owned(),
            Err(AckError::TooManyPending(limit)) => format!("at most {limit}"),
            Err(error) => error.to_string(),
        };
        join_all(questions).await.into_iter().map(outcome).collect()
    }

    async fn rare(&self, _: Socket<N>, number: u32) -> Result<u32, String> {
        Ok(number)
    }

    async fn rare_and_quiet(&self, _: Socket<N>) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    async fn count(&self, _: Socket<N>) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    async fn listen(&self, socket: Socket<N>) {
        socket.on_any(|_| {});
    }

    async fn release(&self, _: Socket<N>) {
        self.release.notify_one();
    }
}

impl Lifecycle<Root> for Handler {}

impl Lifecycle<Slow> for Handler {
    async fn connected(&self, _: Socket<Slow>) {
        let released = timeout(TIMEOUT, self.release.notified()).await;
        released.expect("the client says when");
    }
}

impl Lifecycle<Tenant> for Handler {
    async fn authenticate(
        &self,
        _: &Handshake<Tenant>,
        auth: Option<String>,
    ) -> Result<(), ConnectError> {
        match auth {
            Some(_) => Err(ConnectError::new("who is that?")),
            None => Ok(()),
        }
    }
}

async fn serve(parser: Parser, limits: Limits) -> server::Server {
    let builder = SocketIo::builder().parser(parser).limits(limits);
    server::serve(builder, |io| {
        let handler = Handler::default();
        io.mount::<Root, _>(handler.clone()).expect("mounted once");
        io.mount::<Slow, _>(handler.clone()).expect("mounted once");
        io.mount::<Tenant, _>(handler).expect("mounted once");
    })
    .await
}

/// Returns the paths of the existing children.
fn children(io: &SocketIo) -> Vec<String> {
    let paths = io.raw().nsps().into_iter();
    let paths = paths.map(|operators| operators.ns_path().to_string());
    paths.filter(|path| path.starts_with("/tenant/")).collect()
}

async fn no_child_is_left(io: &SocketIo) {
    until("no child is left", async || children(io).is_empty()).await;
}

/// Returns the number of warnings that contain a text.
fn warnings(logs: &Logs, text: &str) -> usize {
    let logs = logs.to_string();
    let lines = logs.lines().filter(|line| line.contains(" WARN "));
    lines.filter(|line| line.contains(text)).count()
}

// One server after the other, because the log belongs to the process.
#[tokio::test(flavor = "multi_thread")]
async fn enforces_limits() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let logs = Logs::capture();
        let limits = Limits::default()
            .arguments(8)
            .namespaces(4)
            .children(3)
            .rooms(5)
            .pending_acks(3);
        let server = serve(parser, limits).await;
        node::run_client("limits.mjs", server.address, parser).await;
        for expected in [
            "detail=\"too many arguments (limit 8)\"",
            "client rejected namespace=\"/tenant/fifth\"",
            "reason=\"too many namespaces\"",
            "reason=\"too many children\"",
            "rooms not joined namespace=\"/\"",
            "error=too many rooms of the socket (limit 5)",
            "code=Overloaded",
        ] {
            assert!(logs.contain(expected), "`{expected}` is not in\n{logs}");
        }
        // The client in `limits.mjs` flooded the server with 3,000 unknown events.
        assert!(server.io.of(Root).rejected_count() >= 3000);
        let unknown = warnings(&logs, "code=UnknownEvent");
        assert!((1..1500).contains(&unknown), "{unknown} lines");
        assert!(logs.contain("left_out="), "the others are counted");
        no_child_is_left(&server.io).await;

        let logs = Logs::capture();
        let limits = Limits::default()
            .events(Rate::per_hour(40))
            .max_rate_violations(Rate::per_hour(100));
        let server = serve(parser, limits).await;
        node::run_client("rates.mjs", server.address, parser).await;
        let rejected = server.io.of(Root).rejected_count();
        assert!(rejected > 150, "{rejected}");
        let limited = warnings(&logs, "code=RateLimited");
        assert!((1..50).contains(&limited), "{limited} lines");
        assert_eq!(
            warnings(&logs, "client disconnected: too many rate violations"),
            1
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn child_namespaces_are_created_and_deleted() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let server = serve(parser, Limits::default()).await;
        node::run_client("churn.mjs", server.address, parser).await;
        no_child_is_left(&server.io).await;
        assert!(server.io.all::<Tenant>().sockets().is_empty());
        let name = "later".to_owned();
        let sent = server.io.of(Tenant { name }).emit().question().await;
        assert_eq!(sent.expect("nobody is there").next().await, None);
    }
}
