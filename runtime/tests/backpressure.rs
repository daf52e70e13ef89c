//! Backpressure: clients that read slowly or not at all, and servers that send more than the send buffer holds.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sio_types::{
    AckError, Builder, EmitError, Limits, OverflowPolicy, Parser, Rejected, prelude::*,
};
use sio_types_test_support::{
    logs::Logs,
    node,
    raw_client::{WEBSOCKET, WebSocket, text_frame},
    server::{self, Server},
    until, within,
};
use tokio::{io::AsyncWriteExt, sync::watch};

#[events]
pub trait ServerToClient {
    fn number(number: u32);
    fn bytes(number: u32, bytes: Binary);
    fn double(number: u32) -> u32;
    fn text(text: String);
}

#[events]
pub trait ClientToServer {
    /// Sends some numbers without a pause, and returns how many the send buffer accepted.
    fn count(numbers: u32) -> u32;
    /// Like `count`, with an attachment for each number.
    fn attach(numbers: u32) -> u32;
    /// Asks the client to double some numbers, without a pause, and returns how many it doubled.
    fn ask(numbers: u32) -> u32;
    /// Returns the number.
    fn echo(number: u32) -> u32;
    /// Returns the text.
    fn back(text: String) -> String;
    /// Broadcasts a text again and again. Returns `true` as soon as a client's send buffer is full, or `false`
    /// after 20 seconds.
    fn flood() -> bool;
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct App;

#[events]
pub trait Held {
    /// Returns the text, as soon as the test permits answers.
    fn hold(text: String) -> String;
}

#[derive(Events)]
#[events(namespace = "/held", server_to_client = ServerToClient, client_to_server = Held)]
pub struct Other;

#[derive(Clone)]
struct Holder {
    read: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    may_answer: watch::Sender<bool>,
}

impl Held<Socket<Other>> for Holder {
    async fn hold(&self, _: Socket<Other>, text: String) -> String {
        self.read.fetch_add(1, Ordering::Relaxed);
        let mut may_answer = self.may_answer.subscribe();
        let _ = may_answer.wait_for(|may| *may).await;
        self.answered.fetch_add(1, Ordering::Relaxed);
        text
    }
}

impl Lifecycle<Other> for Holder {}

#[derive(Clone, Default)]
struct Handler {
    connected: Arc<AtomicUsize>,
    read: Arc<AtomicUsize>,
    rejected: Arc<AtomicUsize>,
    reasons: Arc<Mutex<Vec<DisconnectReason>>>,
}

impl Handler {
    fn reasons(&self) -> Vec<DisconnectReason> {
        self.reasons.lock().expect("no panic holds it").clone()
    }
}

impl ClientToServer<Socket<App>> for Handler {
    async fn count(&self, socket: Socket<App>, numbers: u32) -> u32 {
        let sent = |number| match socket.emit().number(number) {
            Ok(()) => true,
            Err(error) => {
                assert_eq!(error, EmitError::Full);
                false
            }
        };
        (0..numbers).filter(|number| sent(*number)).count() as u32
    }

    async fn attach(&self, socket: Socket<App>, numbers: u32) -> u32 {
        let bytes = Binary::from(vec![7; 10]);
        let sent = |number: &u32| socket.emit().bytes(*number, &bytes).is_ok();
        (0..numbers).filter(sent).count() as u32
    }

    async fn ask(&self, socket: Socket<App>, numbers: u32) -> u32 {
        let asked: Vec<_> = (0..numbers)
            .map(|number| socket.emit().double(number))
            .collect();
        let mut doubled = 0;
        for (number, answer) in asked.into_iter().enumerate() {
            match answer.await {
                Ok(answer) => {
                    assert_eq!(answer as usize, number * 2);
                    doubled += 1;
                }
                Err(error) => assert_eq!(error, AckError::Emit(EmitError::Full)),
            }
        }
        doubled
    }

    async fn echo(&self, _: Socket<App>, number: u32) -> u32 {
        number
    }

    async fn back(&self, _: Socket<App>, text: String) -> String {
        self.read.fetch_add(1, Ordering::Relaxed);
        text
    }

    async fn flood(&self, socket: Socket<App>) -> bool {
        let text = "x".repeat(100_000);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            if socket.broadcast().emit().text(&text).await == Err(EmitError::Full) {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    }
}

impl Lifecycle<App> for Handler {
    async fn connected(&self, _: Socket<App>) {
        self.connected.fetch_add(1, Ordering::Relaxed);
    }

    async fn disconnected(&self, _: Socket<App>, reason: DisconnectReason) {
        self.reasons.lock().expect("no panic holds it").push(reason);
    }

    fn rejected(&self, _: &Socket<App>, _: &Rejected) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }
}

async fn serve(builder: Builder) -> (Server, Handler) {
    let handler = Handler::default();
    let mounted = handler.clone();
    let server = server::serve(builder, |io| {
        io.mount::<App, _>(mounted)
            .expect("nothing else is mounted");
    })
    .await;
    (server, handler)
}

#[tokio::test(flavor = "multi_thread")]
async fn burst_waits_for_space() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let limits = Limits::default().pending_acks(3000);
        let (server, _) = serve(SocketIo::builder().parser(parser).limits(limits)).await;
        node::run_client("backpressure.mjs", server.address, parser).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn overflow_policies() {
    let logs = Logs::share();
    for (overflow_policy, policy) in [
        (OverflowPolicy::Refuse, "refuse"),
        (OverflowPolicy::Drop, "drop"),
        (OverflowPolicy::Disconnect, "disconnect"),
    ] {
        let builder = SocketIo::builder()
            .overflow_policy(overflow_policy)
            .max_buffer_size(100);
        let (server, handler) = serve(builder).await;
        let parser = Parser::Common;
        node::run_client_with("overflow.mjs", server.address, parser, policy).await;
        let text = logs.to_string();
        let lines = text.matches("connection closed: send buffer full").count();
        assert_eq!(
            lines,
            usize::from(overflow_policy == OverflowPolicy::Disconnect)
        );
        let connected = handler.connected.load(Ordering::Relaxed);
        assert_eq!(
            connected,
            if overflow_policy == OverflowPolicy::Disconnect {
                2
            } else {
                1
            }
        );
    }
}

/// Opens a WebSocket that connects to the namespace, answers the first heartbeat, and then does nothing.
async fn connect(server: &Server) -> WebSocket {
    let opened = WebSocket::open(server.address, WEBSOCKET, &[]).await;
    let mut client = opened.expect("the server accepts the upgrade");
    client.send("40").await;
    // The server sends the first heartbeat immediately.
    let (mut is_connected, mut has_pinged) = (false, false);
    while !is_connected || !has_pinged {
        let (_, message) = client.frame().await.expect("the connection is open");
        is_connected |= message.starts_with("40{");
        has_pinged |= message == "2";
    }
    client.send("3").await;
    client.without_heartbeats()
}

#[tokio::test(flavor = "multi_thread")]
async fn client_that_does_not_read_is_disconnected() {
    // The heartbeat timeout alone is not enough: with a long interval, nothing would free the buffered messages.
    for heartbeats in [true, false] {
        let interval = Duration::from_millis(500);
        let builder = SocketIo::builder()
            .ping_interval(if heartbeats {
                interval
            } else {
                Duration::from_secs(600)
            })
            .ping_timeout(interval);
        let (server, handler) = serve(builder).await;
        let asleep = connect(&server).await;
        let mut awake = connect(&server).await;
        awake.send(r#"427["flood"]"#).await;
        let reader = tokio::spawn(async move {
            // The flood ends when the buffer of the other client is full. The client does not answer heartbeats.
            while let Some(message) = awake.message().await
                && message != "437[true]"
            {}
            awake
        });
        let reasons = || handler.reasons();
        until("the client is disconnected", async || !reasons().is_empty()).await;
        if !heartbeats {
            assert_eq!(server.io.of(App).sockets().len(), 1);
            assert_eq!(reasons(), [DisconnectReason::TransportError]);
        }
        drop((reader, asleep));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_that_does_not_read_acknowledgements_is_not_read() {
    let builder = SocketIo::builder().ping_timeout(Duration::from_secs(2));
    let (server, handler) = serve(builder).await;
    let mut client = connect(&server).await;
    let text = "x".repeat(10_000);
    let flood = text_frame(&format!(r#"421["back","{text}"]"#)).repeat(10);
    // The client writes as long as the server reads. At some point, the server stops reading.
    let flooding = async {
        let mut sent = 0;
        while let Ok(count) = client.stream.write(&flood[sent % flood.len()..]).await {
            sent += count;
            assert!(sent < 1_000_000_000, "the server reads on");
        }
    };
    let disconnected = || {
        until("the client is disconnected", async || {
            !handler.reasons().is_empty()
        })
    };
    tokio::select! {
        () = flooding => disconnected().await,
        () = disconnected() => {}
    }
    let read = handler.read.load(Ordering::Relaxed);
    // Sum of the kernel's buffers in both directions, the send buffer, and a few more messages.
    assert!(read < 10_000, "{read} events were answered");
    assert_eq!(
        handler.rejected.load(Ordering::Relaxed),
        0,
        "answers are lost"
    );
    assert!(server.io.of(App).sockets().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_namespace_does_not_block_others() {
    const COUNT: usize = 3000;
    let holder = Holder {
        read: Arc::default(),
        answered: Arc::default(),
        may_answer: watch::Sender::new(false),
    };
    let limits = Limits::default()
        .backlog(100_000_000)
        .events_in_progress(COUNT + 1);
    let (server, _) = serve(SocketIo::builder().limits(limits)).await;
    server
        .io
        .mount::<Other, _>(holder.clone())
        .expect("mounted once");
    let mut client = connect(&server).await;
    client.send("40/held,").await;
    client.until_contains("40/held,{").await;
    let mut sent = Vec::new();
    let text = "x".repeat(4000);
    for _ in 0..COUNT {
        sent.extend(text_frame(&format!(r#"42/held,1["hold","{text}"]"#)));
    }
    client.try_send_bytes(&sent).await.expect("it reads");
    let read = || holder.read.load(Ordering::Relaxed);
    until("all is read", async || read() == COUNT).await;
    holder.may_answer.send_replace(true);
    // Sends the packet as soon as there is room for it, while most answers wait. The typed `disconnect` would close the
    // connection.
    let socket = server.io.of(Other).sockets().remove(0);
    let leaving = tokio::spawn(async move {
        while socket.raw().disconnect().is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    // The client does not read until all handlers have finished, so that most answers have to wait.
    let answered = || holder.answered.load(Ordering::Relaxed);
    until("all is answered", async || answered() == COUNT).await;
    let continuing = async {
        client.until(|message| message == "41/held,").await;
        leaving.await.expect("no panic");
        client.send(r#"427["echo",1]"#).await;
        client.until(|message| message == "437[1]").await;
    };
    within("the other namespace's answer", continuing).await;
}
