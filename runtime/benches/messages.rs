//! Cost of a message and of a connection, compared with socketioxide alone: heap allocations, which are exact, and
//! time, which is not. Server and client are connected in memory.
//!
//! `cargo bench --package sio-types --bench messages [typed|by-hand|by-hand-with-state]`. Run one of them under
//! `valgrind --tool=callgrind` to count its instructions.

use std::{
    alloc::System,
    env,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use sio_types::prelude::*;
use socketioxide::extract::{AckSender, Data, SocketRef};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tower_service::Service;

const CONNECTIONS: u64 = 200;
/// Number of messages in a batch.
const BATCH: usize = 4;
const ROUNDS: u64 = 5_000;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The echoed payload.
#[payload]
struct Note {
    id: u32,
    author: String,
    text: String,
    tags: Vec<String>,
}

macro_rules! typed {
    ($($other:ident)*) => {
        #[events]
        trait ToServer {
            fn echo(note: Note) -> Note;
            $(fn $other(note: Note) -> bool;)*
        }

        impl ToServer<Socket<App>> for Server {
            async fn echo(&self, _: Socket<App>, note: Note) -> Note {
                note
            }

            $(async fn $other(&self, _: Socket<App>, note: Note) -> bool {
                note.id > 0
            })*
        }

        const OTHERS: &[&str] = &[$(stringify!($other)),*];
    };
}

typed! {
    other01 other02 other03 other04 other05 other06 other07 other08 other09 other10 other11
    other12 other13 other14 other15 other16 other17 other18 other19 other20 other21 other22
    other23 other24 other25 other26 other27 other28 other29 other30 other31 other32 other33
    other34 other35 other36 other37 other38 other39 other40 other41 other42 other43 other44
    other45 other46 other47 other48 other49
}

#[derive(Events)]
#[events(namespace = "/", client_to_server = ToServer)]
struct App;

struct Server;

impl Lifecycle<App> for Server {}

fn typed() -> impl Connect {
    let (service, io) = sio_types::SocketIo::builder().build_service();
    io.mount::<App, _>(Server).expect("nothing is mounted yet");
    // Dropping the handle would end the server.
    std::mem::forget(io);
    service
}

/// The same payload with plain serde derives.
#[derive(Serialize, Deserialize)]
struct PlainNote {
    id: u32,
    author: String,
    text: String,
    tags: Vec<String>,
}

fn by_hand() -> impl Connect {
    let (service, io) = socketioxide::SocketIo::new_svc();
    io.ns("/", async |socket: SocketRef| {
        socket.on(
            "echo",
            async |Data(note): Data<PlainNote>, ack: AckSender| {
                ack.send(&note).expect("the client reads");
            },
        );
        for other in OTHERS {
            socket.on(
                *other,
                async |Data(note): Data<PlainNote>, ack: AckSender| {
                    ack.send(&(note.id > 0)).expect("the client reads");
                },
            );
        }
    });
    service
}

/// Creates a server on socketioxide whose handlers share a server value, like those of the typed one.
fn by_hand_with_state() -> impl Connect {
    let (service, io) = socketioxide::SocketIo::new_svc();
    let server = Arc::new(Server);
    io.ns("/", async move |socket: SocketRef| {
        let state = server.clone();
        socket.on(
            "echo",
            async move |Data(note): Data<PlainNote>, ack: AckSender| {
                black_box(&state);
                ack.send(&note).expect("the client reads");
            },
        );
        for other in OTHERS {
            let state = server.clone();
            socket.on(
                *other,
                async move |Data(note): Data<PlainNote>, ack: AckSender| {
                    black_box(&state);
                    ack.send(&(note.id > 0)).expect("the client reads");
                },
            );
        }
    });
    service
}

/// A server that accepts a connection that is already a WebSocket.
trait Connect {
    fn connect(&mut self, stream: DuplexStream, request: http::Request<()>);
}

impl<S> Connect for S
where
    S: Service<(DuplexStream, http::Request<()>), Response = ()>,
    S::Error: std::fmt::Debug,
    S::Future: Future<Output = Result<(), S::Error>>,
{
    fn connect(&mut self, stream: DuplexStream, request: http::Request<()>) {
        let connected = self.call((stream, request));
        futures_util::FutureExt::now_or_never(connected)
            .expect("it does not wait")
            .expect("it is a valid request");
    }
}

/// A client that only counts bytes, because it knows the answers.
struct Client(DuplexStream);

impl Client {
    async fn connect(server: &mut impl Connect) -> Self {
        let (client, theirs) = tokio::io::duplex(1024);
        let uri = "/socket.io/?EIO=4&transport=websocket";
        let request = http::Request::builder().uri(uri).body(());
        server.connect(theirs, request.expect("a request"));
        let mut client = Self(client);
        client.0.write_all(&frame("40")).await.expect("open");
        // Reads Engine.IO's `open` packet, its first `ping`, and the `CONNECT` packet.
        let mut seen = String::new();
        let mut buffer = [0; 512];
        while !(seen.contains("40{") && seen.contains("\u{1}2")) {
            let count = client.0.read(&mut buffer).await.expect("open");
            seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        client
    }

    /// Sends a request, and waits for the expected number of bytes.
    async fn exchange(&mut self, request: &[u8], mut expected: usize) {
        self.0.write_all(request).await.expect("open");
        let mut buffer = [0; 1024];
        while expected > 0 {
            let count = self.0.read(&mut buffer).await.expect("open");
            expected = expected
                .checked_sub(count)
                .expect("no more than was asked for");
        }
    }
}

/// Encodes a client's frame. Its mask of zeros changes nothing.
fn frame(text: &str) -> Vec<u8> {
    let len = u16::try_from(text.len()).expect("a short message");
    let mut frame = vec![0x81];
    match u8::try_from(len) {
        Ok(len @ ..126) => frame.push(0x80 | len),
        _ => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&len.to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

const NOTE: &str = r#"{"id":1234567,"author":"ada","text":"what is sent is what comes back","tags":["first","second"]}"#;

async fn measure(name: &str, mut server: impl Connect) {
    // Runs the one-time initialization before the measurement.
    let mut first = Client::connect(&mut server).await;
    let request: Vec<u8> = (0..BATCH)
        .flat_map(|id| frame(&format!(r#"42{id}["echo",{NOTE}]"#)))
        .collect();
    // The answer is `43`, the id and the note in an array, behind the header of a short frame.
    let expected = BATCH * (2 + "430[]".len() + NOTE.len());
    for _ in 0..100 {
        first.exchange(&request, expected).await;
    }
    let region = Region::new(ALLOCATOR);
    let started = Instant::now();
    for _ in 0..ROUNDS {
        first.exchange(black_box(&request), expected).await;
    }
    let (time, message) = (started.elapsed(), region.change());
    let messages = ROUNDS * BATCH as u64;

    let region = Region::new(ALLOCATOR);
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(&mut server).await);
    }
    // Waits for tasks that end shortly after a connection has started.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let connection = region.change();
    let blocks = connection.allocations - connection.deallocations;
    let allocated = connection.bytes_allocated - connection.bytes_deallocated;
    let bytes = allocated as f64 + connection.bytes_reallocated as f64;
    println!(
        "{name:18}  a message: {:5.2} allocations, {:4.2} reallocations, {:4} ns   a connection: {:5.1} blocks, {:6.0} bytes",
        message.allocations as f64 / messages as f64,
        message.reallocations as f64 / messages as f64,
        time.as_nanos() / u128::from(messages),
        blocks as f64 / CONNECTIONS as f64,
        bytes / CONNECTIONS as f64,
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let only: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wants = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    if wants("by-hand") {
        measure("by-hand", by_hand()).await;
    }
    if wants("by-hand-with-state") {
        measure("by-hand-with-state", by_hand_with_state()).await;
    }
    if wants("typed") {
        measure("typed", typed()).await;
    }
}
