//! One of the servers. It prints its status every second, as a line of JSON.

use std::{
    collections::HashMap,
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::serve::ListenerExt;
use serde_json::{Value, json};
use sio_types::{Cluster, EmitError, SocketIo, prelude::*};

/// Message in a room. Each session of each client numbers its messages.
#[payload]
#[derive(Clone)]
struct Said {
    sender: u32,
    session: u32,
    number: u32,
    bytes: Option<Binary>,
}

#[events]
trait ToClient {
    fn said(said: Said);
    fn noise(text: String);
}

/// Events of clients. Each event of a connection has a number, one more than that of the previous one.
#[events]
trait ToServer {
    fn enter(number: u32, room: String) -> ();
    fn leave(number: u32, room: String) -> ();
    fn echo(number: u32) -> u32;
    fn blob(number: u32, data: Binary) -> Binary;
    fn say(number: u32, room: String, said: Said) -> Result<(), String>;
    /// Sends this many kB to everybody in a room on this server.
    fn noise(number: u32, room: String, kilobytes: u32) -> ();
}

#[events]
trait BetweenServers {
    /// Numbered event; each server has its own sequence.
    fn tick(number: u32);
    fn load() -> u32;
}

#[derive(Events)]
#[events(
    namespace = "/",
    server_to_client = ToClient,
    client_to_server = ToServer,
    inter_server = BetweenServers
)]
struct App;

#[derive(Clone, Default)]
struct Server(Arc<Counters>);

#[derive(Default)]
struct Counters {
    connected: AtomicU64,
    received: AtomicU64,
    /// Events that arrived twice, or after a later one.
    late: AtomicU64,
    /// Events that did not arrive although a later one did.
    skipped: AtomicU64,
    /// Broadcasts that some clients had no buffer space for.
    full: AtomicU64,
    ticks: AtomicU64,
    /// Requests to the other servers that not all of them answered.
    incomplete: AtomicU64,
    disconnected: Mutex<HashMap<String, u64>>,
    expected: Mutex<HashMap<Sid, u32>>,
    /// Last number and its arrival time, by server.
    heard: Mutex<HashMap<String, (u32, u64)>>,
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default().as_millis() as u64
}

impl Server {
    fn received(&self, socket: &Socket<App>, number: u32) {
        add(&self.0.received);
        let mut expected = self.0.expected.lock().expect("no panic holds it");
        let expected = expected.entry(socket.id()).or_default();
        if number < *expected {
            add(&self.0.late);
        } else {
            let skipped = u64::from(number - *expected);
            self.0.skipped.fetch_add(skipped, Ordering::Relaxed);
            *expected = number + 1;
        }
    }

    fn sent(&self, sent: Result<(), EmitError>) -> Result<(), String> {
        match sent {
            // All other clients receive the broadcast.
            Err(EmitError::Full) => {
                add(&self.0.full);
                Ok(())
            }
            sent => sent.map_err(|error| error.to_string()),
        }
    }

    async fn status(&self, io: &SocketIo) -> Value {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.0;
        let disconnected = counters
            .disconnected
            .lock()
            .expect("no panic holds it")
            .clone();
        json!({
            "at": now(),
            "sockets": io.of(App).sockets().len(),
            "inNoise": io.of(App).room("noise").sockets().len(),
            "connected": read(&counters.connected),
            "disconnected": disconnected,
            "received": read(&counters.received),
            "late": read(&counters.late),
            "skipped": read(&counters.skipped),
            "full": read(&counters.full),
            "ticks": read(&counters.ticks),
            "incomplete": read(&counters.incomplete),
            "isConnected": io.cluster().is_connected(),
            "servers": io.cluster().server_count().await,
            "lost": io.cluster().dropped_messages(),
        })
    }
}

impl ToServer<Socket<App>> for Server {
    async fn enter(&self, socket: Socket<App>, number: u32, room: String) {
        self.received(&socket, number);
        socket.join(room);
    }

    async fn leave(&self, socket: Socket<App>, number: u32, room: String) {
        self.received(&socket, number);
        socket.leave(room);
    }

    async fn echo(&self, socket: Socket<App>, number: u32) -> u32 {
        self.received(&socket, number);
        number
    }

    async fn blob(&self, socket: Socket<App>, number: u32, data: Binary) -> Binary {
        self.received(&socket, number);
        data
    }

    async fn say(
        &self,
        socket: Socket<App>,
        number: u32,
        room: String,
        said: Said,
    ) -> Result<(), String> {
        self.received(&socket, number);
        self.sent(socket.to(room).emit().said(said).await)
    }

    async fn noise(&self, socket: Socket<App>, number: u32, room: String, kilobytes: u32) {
        self.received(&socket, number);
        let text = "x".repeat(kilobytes as usize * 1_000);
        let sent = socket.to(room).local().emit().noise(text).await;
        self.sent(sent).expect("there is no other reason");
    }
}

impl BetweenServers<Peer<App>> for Server {
    async fn tick(&self, node: Peer<App>, number: u32) {
        add(&self.0.ticks);
        let Some(from) = node.from() else { return };
        let mut heard = self.0.heard.lock().expect("no panic holds it");
        let last = heard.insert(from.to_string(), (number, now()));
        if let Some((last, at)) = last.filter(|(last, _)| *last + 1 != number) {
            let (kind, count) = match number > last {
                true => ("missing", number - last - 1),
                false => ("late", 1),
            };
            println!(
                "{}",
                json!({ "tick": kind, "count": count, "from": at, "to": now() })
            );
        }
    }

    async fn load(&self, node: Peer<App>) -> u32 {
        node.sockets().len() as u32
    }
}

impl Lifecycle<App> for Server {
    async fn connected(&self, _: Socket<App>) {
        add(&self.0.connected);
    }

    async fn disconnected(&self, socket: Socket<App>, reason: DisconnectReason) {
        let counters = &self.0;
        let mut expected = counters.expected.lock().expect("no panic holds it");
        expected.remove(&socket.id());
        let mut disconnected = counters.disconnected.lock().expect("no panic holds it");
        *disconnected.entry(format!("{reason:?}")).or_default() += 1;
    }
}

/// Sends numbers to the other servers, and a request now and then.
async fn speak(server: Server, io: SocketIo) {
    for number in 0.. {
        let servers = || io.of(App).servers();
        // Lost events are not an error.
        let told = servers().emit().tick(number).await;
        told.expect("the namespace is mounted");
        if number % 10 == 9 && servers().emit().load().await.is_err() {
            add(&server.0.incomplete);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The arguments are the cluster's URL and the port.
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let argument = |index| env::args().nth(index).unwrap_or_default();
    let cluster =
        Cluster::from_url(&argument(1))?.heartbeat(Duration::from_secs(1), Duration::from_secs(10));
    let (layer, io) = SocketIo::builder()
        .cluster(cluster)
        .ping_interval(Duration::from_secs(10))
        .ping_timeout(Duration::from_secs(10))
        .build_layer();
    let server = Server::default();
    io.mount::<App, _>(server.clone())?;
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", argument(2))).await?;
    println!(
        "{}",
        json!({ "listening": listener.local_addr()?.to_string() })
    );
    let listener = listener.tap_io(|stream| {
        // An error is ignored: the client may have disconnected already.
        let _ = stream.set_nodelay(true);
    });
    tokio::spawn(axum::serve(listener, app).into_future());
    tokio::spawn(speak(server.clone(), io.clone()));
    let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = told.recv() => break,
            _ = second.tick() => println!("{}", server.status(&io).await),
        }
    }
    io.close().await;
    println!("{}", server.status(&io).await);
    Ok(())
}
