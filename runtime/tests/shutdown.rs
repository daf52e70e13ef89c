//! Graceful shutdown: pending work, the clients' view and the health during the shutdown; and the spans of handlers.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, routing::get};
use sio_types::{EngineState, Health, Parser, Shutdown, prelude::*};
use sio_types_test_support::{TIMEOUT, logs::Logs, node, server};
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

#[events]
pub trait ServerToClient {
    fn question() -> String;
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn who() -> String;
    /// Returns once it is released.
    fn slow() -> String;
    /// Releases two of the slow handlers.
    fn release() -> ();
    /// Asks the client, outside of any handler.
    fn ask();
    fn hang();
    fn traced() -> ();
    fn stop();
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer, auth = Option<String>)]
pub struct Root;

#[derive(Clone)]
struct Handler {
    name: &'static str,
    stop: Arc<Notify>,
    may_answer: Arc<Semaphore>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Default for Handler {
    fn default() -> Self {
        Self {
            name: "",
            stop: Arc::default(),
            may_answer: Arc::new(Semaphore::new(0)),
            log: Arc::default(),
        }
    }
}

impl Handler {
    fn note(&self, line: String) {
        self.log.lock().expect("no panic holds it").push(line);
    }

    fn log(&self) -> Vec<String> {
        let mut log = self.log.lock().expect("no panic holds it").clone();
        log.sort();
        log
    }
}

impl ClientToServer<Socket<Root>> for Handler {
    async fn alive(&self, _: Socket<Root>) {}

    async fn who(&self, _: Socket<Root>) -> String {
        self.name.to_owned()
    }

    async fn slow(&self, _: Socket<Root>) -> String {
        let may_answer = timeout(TIMEOUT, self.may_answer.acquire()).await;
        may_answer
            .expect("it is let go")
            .expect("never closed")
            .forget();
        self.name.to_owned()
    }

    async fn release(&self, _: Socket<Root>) {
        self.may_answer.add_permits(2);
    }

    async fn ask(&self, socket: Socket<Root>) {
        let this = self.clone();
        tokio::spawn(async move {
            let answer = socket.emit().question().await;
            this.note(format!("answer: {answer:?}"));
        });
    }

    async fn hang(&self, _: Socket<Root>) {
        sleep(Duration::from_secs(60 * 60)).await;
    }

    async fn traced(&self, _: Socket<Root>) {
        tracing::info!(target: "sio_types_test", "at once");
        sleep(Duration::from_millis(1)).await;
        tracing::info!(target: "sio_types_test", "after waiting");
    }

    async fn stop(&self, _: Socket<Root>) {
        self.stop.notify_one();
    }
}

impl Lifecycle<Root> for Handler {
    async fn authenticate(
        &self,
        _: &Handshake<Root>,
        auth: Option<String>,
    ) -> Result<(), ConnectError> {
        tracing::info!(target: "sio_types_test", "authenticated");
        match auth.as_deref() {
            Some("stranger") => Err(ConnectError::new("who is that?")),
            _ => Ok(()),
        }
    }

    async fn connected(&self, _: Socket<Root>) {
        tracing::info!(target: "sio_types_test", "connected");
    }

    async fn disconnected(&self, _: Socket<Root>, reason: DisconnectReason) {
        tracing::info!(target: "sio_types_test", "disconnected");
        self.note(format!("{reason:?}"));
        if self.name == "hanging" {
            sleep(Duration::from_secs(60 * 60)).await;
        }
    }
}

struct Running {
    io: SocketIo,
    handler: Handler,
    address: SocketAddr,
    /// Task that ends when the server has shut down; the port is free then.
    outcome: JoinHandle<Shutdown>,
}

/// Serves until a client sends `stop`, and then shuts down within the limit.
async fn start(name: &'static str, address: &str, limit: Duration) -> Running {
    let handler = Handler {
        name,
        ..Handler::default()
    };
    let (layer, io) = SocketIo::builder().build_layer();
    io.mount::<Root, _>(handler.clone()).expect("mounted once");
    let health = io.clone();
    let app = Router::new()
        .route("/health", get(async move || Json(health.health())))
        .layer(layer);
    let listener = TcpListener::bind(address).await.expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    let (server, stop) = (io.clone(), handler.stop.clone());
    let outcome = tokio::spawn(async move {
        let (sender, outcome) = oneshot::channel();
        let stopping = async move {
            stop.notified().await;
            let _ = sender.send(server.shutdown(limit).await);
        };
        let serving = axum::serve(listener, app).with_graceful_shutdown(stopping);
        serving.await.expect("it serves");
        outcome.await.expect("it has stopped")
    });
    Running {
        io,
        handler,
        address,
        outcome,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_reconnect_to_another_server_without_losses() {
    let first = start("first", "127.0.0.1:0", Duration::from_secs(20)).await;
    let address = first.address;
    let script = node::run_client("shutdown.mjs", address, Parser::Common);
    let client = tokio::spawn(script);
    let outcome = timeout(Duration::from_secs(60), first.outcome).await;
    let outcome = outcome.expect("it ends").expect("it does not panic");
    let second = start("second", &address.to_string(), Duration::from_secs(20)).await;
    client.await.expect("every assertion holds");
    drop(second);

    assert_eq!(outcome.disconnected, 3);
    assert_eq!((outcome.abandoned, outcome.abandoned_hooks), (0, 0));
    // One slow handler of each of two clients.
    assert_eq!(outcome.finished, 2);
    let closed = "ClosingServer".to_owned();
    let answer = "answer: Ok(\"yes\")".to_owned();
    let expected = [closed.clone(), closed.clone(), closed, answer];
    assert_eq!(first.handler.log(), expected);
    let health = first.io.health();
    assert!(!health.is_ready());
    assert_eq!((health.connections, health.sockets["/"]), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn abandons_hanging_handlers_at_the_limit() {
    let server = start("hanging", "127.0.0.1:0", Duration::from_millis(800)).await;
    let address = server.address;
    node::run_client("shutdown-timeout.mjs", address, Parser::Common).await;
    let outcome = timeout(Duration::from_secs(30), server.outcome).await;
    let outcome = outcome.expect("it ends").expect("it does not panic");
    assert_eq!((outcome.finished, outcome.abandoned), (0, 1));
    assert_eq!((outcome.disconnected, outcome.abandoned_hooks), (1, 1));
    assert_eq!(server.handler.log(), ["ClosingServer"]);
    // A second shutdown has nothing to do except wait for the hanging handler.
    let again = timeout(
        Duration::from_secs(30),
        server.io.shutdown(Duration::from_millis(10)),
    );
    let again = again.await.expect("it ends");
    assert_eq!((again.disconnected, again.abandoned), (0, 1));
}

#[tokio::test]
async fn ready_until_draining() {
    let (_layer, io) = SocketIo::builder().build_layer();
    io.mount::<Root, _>(Handler::default())
        .expect("mounted once");
    let health: Health = io.health();
    assert!(health.is_ready());
    assert_eq!(health.engine, EngineState::Memory);
    let text = serde_json::to_string(&health).expect("it is plain");
    assert_eq!(
        text,
        r#"{"isDraining":false,"engine":{"state":"memory"},"otherServers":0,"droppedMessages":0,"connections":0,"sockets":{"/":0}}"#
    );
    let outcome = io.shutdown(Duration::MAX).await;
    assert_eq!((outcome.disconnected, outcome.finished), (0, 0));
    assert!(!io.health().is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn application_logs_carry_spans() {
    let logs = Logs::capture();
    let server = server::serve(SocketIo::builder(), |io| {
        io.mount::<Root, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    node::run_client("tracing.mjs", server.address, Parser::Common).await;
    let logs = logs.to_string();
    let lines = |text: &str| -> Vec<&str> {
        let line = format!("sio_types_test: {text}");
        logs.lines().filter(|it| it.ends_with(&line)).collect()
    };
    for (text, span) in [
        ("authenticated", "sio.authenticate{namespace=\"/\" socket="),
        ("connected", "sio.connected{namespace=\"/\" socket="),
        ("at once", "sio.event{namespace=\"/\" socket="),
        ("after waiting", "sio.event{namespace=\"/\" socket="),
    ] {
        let lines = lines(text);
        assert!(!lines.is_empty(), "{text}:\n{logs}");
        let has_span = lines.iter().any(|line| line.contains(span));
        assert!(has_span, "{text}: {lines:?}");
    }
    let waited = lines("after waiting");
    assert!(waited[0].contains("event=\"traced\""), "{waited:?}");
}
