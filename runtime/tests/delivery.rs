//! Delivery guarantees that applications build themselves: events that a client repeats until they are acknowledged,
//! and a log from which it reads the entries that it missed.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;
use sio_types::{Parser, prelude::*};
use sio_types_test_support::{node, server};
use uuid::Uuid;

#[payload]
pub struct Login {
    user: String,
    /// The last entry that the client has, or `None` if it wants only new entries.
    since: Option<u32>,
}

#[payload]
#[derive(Clone)]
pub struct User {
    name: String,
    since: Option<u32>,
}

#[payload]
#[derive(Clone)]
pub struct Entry {
    /// The id of the previous entry plus one.
    id: u32,
    text: String,
}

#[payload]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum OrderError {
    SoldOut,
}

#[events]
pub trait ServerToClient {
    /// The entries that the client has missed; the first event after each connection.
    fn missed(entries: Vec<Entry>);
    fn entry(entry: Entry);
}

#[events]
pub trait ClientToServer {
    /// Orders an item, once for each key. Returns the number of orders.
    fn order(key: Uuid, item: String) -> Result<u32, OrderError>;
    /// An event without acknowledgement.
    fn note(text: String);
    fn notes() -> Vec<String>;
    fn post(text: String) -> u32;
}

#[derive(Events)]
#[events(
    namespace = "/",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    auth = Login,
    socket_data = User
)]
pub struct App;

#[derive(Clone)]
struct Server {
    /// The answers, by user and by the key that the user's client has generated.
    answers: Cache<(String, Uuid), u32>,
    orders: Arc<AtomicU32>,
    /// Number of answers that are still to be lost.
    losses: Arc<AtomicU32>,
    notes: Arc<Mutex<Vec<String>>>,
    log: Arc<Mutex<Vec<Entry>>>,
}

impl Server {
    fn new() -> Self {
        // Longer than a client retries, and bounded in memory.
        let answers = Cache::builder()
            .time_to_live(Duration::from_secs(600))
            .max_capacity(100_000);
        Self {
            answers: answers.build(),
            orders: Arc::default(),
            losses: Arc::new(AtomicU32::new(2)),
            notes: Arc::default(),
            log: Arc::default(),
        }
    }

    /// Places an order with the latency of a database.
    async fn place(&self, item: &str) -> Result<u32, OrderError> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        match item {
            "unicorn" => Err(OrderError::SoldOut),
            _ => Ok(self.orders.fetch_add(1, Ordering::Relaxed) + 1),
        }
    }

    fn log(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.log.lock().expect("no panic holds it")
    }
}

impl ClientToServer<Socket<App>> for Server {
    async fn order(&self, socket: Socket<App>, key: Uuid, item: String) -> Result<u32, OrderError> {
        // Keys are scoped to a user, so that no user gets the answer of another.
        let key = (socket.data().name.clone(), key);
        // A repeated request waits for the same answer. Errors are not cached.
        let answer = self.answers.try_get_with(key, self.place(&item)).await;
        let losses = &self.losses;
        let lose = |left: u32| left.checked_sub(1);
        if item == "lost"
            && losses
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, lose)
                .is_ok()
        {
            // Only for the test: the answer arrives too late for the client.
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        answer.map_err(|error| OrderError::clone(&error))
    }

    async fn note(&self, _: Socket<App>, text: String) {
        self.notes.lock().expect("no panic holds it").push(text);
    }

    async fn notes(&self, _: Socket<App>) -> Vec<String> {
        self.notes.lock().expect("no panic holds it").clone()
    }

    async fn post(&self, socket: Socket<App>, text: String) -> u32 {
        let entry = {
            let mut log = self.log();
            let id = log.len() as u32;
            log.push(Entry { id, text });
            log[id as usize].clone()
        };
        // The entry is in the log first, so that a client either receives it or finds it in the log.
        let sent = socket.within("log").emit().entry(&entry).await;
        sent.expect("there is room");
        entry.id
    }
}

impl Lifecycle<App> for Server {
    async fn authenticate(
        &self,
        _: &Handshake<App>,
        login: Login,
    ) -> Result<User, sio_types::ConnectError> {
        Ok(User {
            name: login.user,
            since: login.since,
        })
    }

    async fn connected(&self, socket: Socket<App>) {
        // This order matters: an entry that is posted in between is both read and received, and no entry is missed.
        socket.join("log");
        let from = |since: u32| since as usize + 1;
        let missed = match socket.data().since {
            Some(since) => self.log().iter().skip(from(since)).cloned().collect(),
            None => Vec::new(),
        };
        socket.emit().missed(missed).expect("there is room");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_are_deduplicated_and_missed_events_are_replayed() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let server = Server::new();
        let (orders, losses) = (server.orders.clone(), server.losses.clone());
        let builder = SocketIo::builder().parser(parser);
        let served = server::serve(builder, |io| {
            io.mount::<App, _>(server).expect("mounted once");
        })
        .await;
        node::run_client("delivery.mjs", served.address, parser).await;
        assert_eq!(losses.load(Ordering::Relaxed), 0, "the answers were lost");
        // `delivery.mjs` orders available items with three keys.
        assert_eq!(orders.load(Ordering::Relaxed), 3);
    }
}
