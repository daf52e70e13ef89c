//! Maximum memory that clients can make a server hold if they do not read.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    alloc::System,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sio_types::{Builder, EmitError, Limits, Rejected, prelude::*};
use sio_types_test_support::{
    raw_client::{Polling, WebSocket, text_frame},
    server::serve,
    until,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::{io::AsyncWriteExt, sync::Mutex as AsyncMutex};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Runs one test at a time, because memory is measured for the whole process.
static ALONE: AsyncMutex<()> = AsyncMutex::const_new(());

/// Size of an answer, in bytes.
const ANSWER: usize = 400_000;
/// Maximum size of the messages that wait for one connection, in bytes: ten answers.
const BACKLOG: usize = 4_000_000;
/// Memory that a connection may take in addition, in bytes: the answer that exceeds the limit, data that is being
/// copied, and buffers.
const BESIDE: usize = 1_500_000;
const CLIENTS: usize = 10;

#[events]
pub trait ServerToClient {
    fn page(text: String);
    fn blob(bytes: Binary);
}

#[events]
pub trait ClientToServer {
    /// Returns a large answer.
    fn read() -> String;
    /// Returns a large answer, but not immediately.
    fn read_later() -> String;
    /// Returns a large answer as an attachment.
    fn read_blob() -> Binary;
    /// Sends many large events, and returns how many the send buffer accepted.
    fn send(count: u32) -> u32;
    /// Broadcasts a large event.
    fn publish();
    fn echo(text: String) -> String;
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct App;

#[derive(Clone, Default)]
struct Handler {
    handled: Arc<AtomicUsize>,
    reasons: Arc<Mutex<Vec<DisconnectReason>>>,
}

impl Handler {
    fn reasons(&self) -> Vec<DisconnectReason> {
        self.reasons.lock().expect("no panic holds it").clone()
    }

    fn answer(&self) -> String {
        self.handled.fetch_add(1, Ordering::Relaxed);
        "x".repeat(ANSWER)
    }
}

impl ClientToServer<Socket<App>> for Handler {
    async fn read(&self, _: Socket<App>) -> String {
        self.answer()
    }

    async fn read_later(&self, _: Socket<App>) -> String {
        tokio::task::yield_now().await;
        self.answer()
    }

    async fn read_blob(&self, _: Socket<App>) -> Binary {
        self.answer().into_bytes().into()
    }

    async fn send(&self, socket: Socket<App>, count: u32) -> u32 {
        let page = "x".repeat(ANSWER);
        let sent = |_: &u32| match socket.emit().page(&page) {
            Ok(()) => true,
            Err(error) => {
                assert_eq!(error, EmitError::Full);
                false
            }
        };
        (0..count).filter(sent).count() as u32
    }

    async fn publish(&self, socket: Socket<App>) {
        // A client without room for the event does not receive it.
        let _ = socket.broadcast().emit().page(self.answer()).await;
    }

    async fn echo(&self, _: Socket<App>, text: String) -> String {
        text
    }
}

impl Lifecycle<App> for Handler {
    async fn disconnected(&self, _: Socket<App>, reason: DisconnectReason) {
        self.reasons.lock().expect("no panic holds it").push(reason);
    }

    fn rejected(&self, _: &Socket<App>, _: &Rejected) {}
}

async fn start(builder: Builder) -> (SocketAddr, Handler) {
    let handler = Handler::default();
    let mounted = handler.clone();
    let limits = Limits::default().backlog(BACKLOG);
    let server = serve(builder.limits(limits), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    (server.address, handler)
}

fn allocated() -> usize {
    let stats = ALLOCATOR.stats();
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}

/// Asserts for some time that memory stays within the clients' limit.
async fn assert_bounded(before: usize, what: &str) -> usize {
    let mut most = 0;
    for _ in 0..200 {
        most = most.max(allocated().saturating_sub(before));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let allowed = CLIENTS * (BACKLOG + BESIDE);
    println!("{what}: {} kB for each client", most / CLIENTS / 1000);
    assert!(most < allowed, "{what}: {most} bytes instead of {allowed}");
    most
}

async fn assert_healthy(server: SocketAddr) {
    let mut healthy = WebSocket::connect(server, "").await;
    for number in 0..10 {
        healthy.send(&format!(r#"42{number}["echo","a"]"#)).await;
        healthy.until_contains(&format!(r#"43{number}["a"]"#)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_clients_that_do_not_poll_is_bounded() {
    let _alone = ALONE.lock().await;
    for event in ["read", "readLater", "readBlob"] {
        // Prevents disconnections while the machine is busy.
        let builder = SocketIo::builder().ping_timeout(Duration::from_secs(300));
        let (server, handler) = start(builder).await;
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let (client, _) = Polling::connect(server, "").await;
            clients.push(client);
        }
        let before = allocated();
        let packets: Vec<_> = (0..5000)
            .map(|id| format!(r#"42{id}["{event}"]"#))
            .collect();
        let packets = packets.join("\u{1e}");
        let posting: Vec<_> = clients
            .iter()
            .map(|client| {
                let (client, packets) = (client.clone(), packets.clone());
                tokio::spawn(async move { client.post(&packets).await })
            })
            .collect();
        let handled = || handler.handled.load(Ordering::Relaxed);
        // Half of the limit is reserved for answers to events that were already read.
        until("events are read", async || handled() >= CLIENTS * 5).await;
        assert_healthy(server).await;
        let most = assert_bounded(before, event).await;
        assert!(most > CLIENTS * BACKLOG / 4, "nothing waits: {most} bytes");
        // The server answers a request when it has read the request's events.
        assert!(posting.iter().all(|posting| !posting.is_finished()));
        posting.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_client_receives_everything() {
    let _alone = ALONE.lock().await;
    let (server, _) = start(SocketIo::builder()).await;
    let (client, _) = Polling::connect(server, "").await;
    let packets: Vec<_> = (100..200).map(|id| format!(r#"42{id}["read"]"#)).collect();
    let packets = packets.join("\u{1e}");
    let posting = client.clone();
    let posting = tokio::spawn(async move { posting.post(&packets).await });
    let mut answered = Vec::new();
    while answered.len() < 100 {
        let response = client.get().await;
        assert_eq!(response.status, 200);
        assert!(response.body.len() <= 1_000_000);
        for packet in response.body.split('\u{1e}') {
            if let Some(rest) = packet.strip_prefix("43") {
                let (id, text) = rest.split_at(3);
                assert_eq!(text.len(), ANSWER + 4);
                answered.push(id.parse::<u32>().expect("an id"));
            }
        }
    }
    assert_eq!(answered, (100..200).collect::<Vec<_>>());
    assert_eq!(posting.await.expect("no panic").body, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_websockets_that_do_not_read_is_bounded() {
    let _alone = ALONE.lock().await;
    for event in ["read", "readLater", "readBlob"] {
        // Prevents disconnections while the machine is busy.
        let builder = SocketIo::builder().ping_timeout(Duration::from_secs(300));
        let (server, handler) = start(builder).await;
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(WebSocket::connect(server, "").await);
        }
        let before = allocated();
        let flood: Vec<u8> = (0..500)
            .flat_map(|id| text_frame(&format!(r#"42{id}["{event}"]"#)))
            .collect();
        let mut floods = Vec::new();
        for mut client in clients {
            let flood = flood.clone();
            floods.push(tokio::spawn(async move {
                let _ = client.stream.write_all(&flood).await;
                client
            }));
        }
        let handled = || handler.handled.load(Ordering::Relaxed);
        until("events are read", async || handled() >= CLIENTS * 5).await;
        assert_healthy(server).await;
        assert_bounded(before, event).await;
        floods.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn backlog_counts_events_and_acknowledgements() {
    let _alone = ALONE.lock().await;
    let (server, _) = start(SocketIo::builder()).await;
    let (client, _) = Polling::connect(server, "").await;
    // Ten pages have room. So does the answer, because its event was already read.
    assert_eq!(client.post(r#"421["send",50]"#).await.body, "ok");
    let seen = client.get_until("431[").await;
    let sent = seen.split("431[").nth(1).expect("it is there");
    assert!(
        sent.starts_with("9]") || sent.starts_with("10]"),
        "{}",
        &sent[..9]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn client_that_does_not_read_is_disconnected() {
    let _alone = ALONE.lock().await;
    let builder = || {
        SocketIo::builder()
            .ping_interval(Duration::from_secs(600))
            .ping_timeout(Duration::from_secs(1))
    };
    let before = allocated();
    let (server, handler) = start(builder()).await;
    let (polling, _) = Polling::connect(server, "").await;
    // The client answers the first heartbeat, and there are no others.
    polling.post("3").await;
    let packets = [r#"42["read"]"#, r#"42["publish"]"#]
        .repeat(20)
        .join("\u{1e}");
    let posting = polling.clone();
    let posting = tokio::spawn(async move { posting.post(&packets).await });
    until("it is disconnected", async || handler.reasons().len() == 1).await;
    posting.await.expect("no panic");
    assert_eq!(polling.get().await.status, 400);
    let is_freed = || allocated() < before + BESIDE;
    until("its memory is freed", async || is_freed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_sessions_release_their_memory() {
    let _alone = ALONE.lock().await;
    let (server, _) = start(SocketIo::builder()).await;
    let before = allocated();
    for _ in 0..50 {
        let (client, _) = Polling::connect(server, "").await;
        // Less than half of the limit, because the server would not read the second packet otherwise.
        let packets = [r#"42["send",4]"#, "1"].join("\u{1e}");
        assert_eq!(client.post(&packets).await.body, "ok");
        let kept = allocated().saturating_sub(before);
        assert!(kept < 3 * BACKLOG, "{kept} bytes are kept");
    }
    let is_freed = || allocated() < before + BESIDE;
    until("their memory is freed", async || is_freed()).await;
}
