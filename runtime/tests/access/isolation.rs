//! Random rooms, namespaces and operators: a message reaches exactly its recipients, on one server and on two.
//!
//! `PROPTEST_CASES` sets the number of random programs, for a long run.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use proptest::{collection::vec, prelude::*, test_runner::TestCaseResult};
use sio_types::{Broadcast, Namespace, prelude::*};
use sio_types_test_support::{
    TIMEOUT,
    raw_client::{TEXT, WEBSOCKET, WebSocket, text_frame},
    server::{self, Server},
    until, within,
};
use tokio::{net::tcp::OwnedWriteHalf, runtime::Runtime, task::JoinHandle, time::timeout};

#[events]
pub trait ServerToClient {
    fn text(text: String);
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Root;

#[derive(Events)]
#[events(namespace = "/team", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Team;

#[derive(Events)]
#[events(namespace = "/tenant/{name}", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Tenant {
    name: String,
}

struct Handler;

impl<N: Namespace> ClientToServer<Socket<N>> for Handler {
    async fn alive(&self, _: Socket<N>) {}
}

impl<N: Namespace<Auth = (), SocketData = ()>> Lifecycle<N> for Handler {}

/// Evaluates an expression with the namespace of a path.
macro_rules! of {
    ($place:expr, $namespace:ident => $work:expr) => {
        match $place {
            0 => {
                let $namespace = || Root;
                $work
            }
            1 => {
                let $namespace = || Team;
                $work
            }
            place => {
                let $namespace = || Tenant {
                    name: NAMES[place - 2].to_owned(),
                };
                $work
            }
        }
    };
}

const NAMES: [&str; 2] = ["a", "b & c"];
const PATHS: [&str; 4] = ["/", "/team", "/tenant/a", "/tenant/b%20%26%20c"];
const CLIENTS: usize = 5;
const ROOMS: usize = 3;

/// A room with a number, or the room of a client's own id.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Room {
    Named(usize),
    Own(usize),
}

#[derive(Debug, Clone)]
enum Step {
    To(Vec<Room>),
    Within(Vec<Room>),
    Except(Vec<Room>),
    Local,
}

#[derive(Debug, Clone, Copy)]
enum From {
    /// From the socket of a client in a namespace.
    Socket(usize, usize),
    /// From a server to a namespace.
    Server(usize, usize),
    /// From a server to all children of the dynamic namespace.
    All(usize),
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Tell,
    Join(usize),
    Leave(usize),
    Disconnect,
}

#[derive(Debug, Clone)]
enum Operation {
    Operators(From, Vec<Step>, Action),
    /// A client connects to a namespace.
    Enter(usize, usize),
    /// A client leaves a namespace on its own initiative.
    Quit(usize, usize),
    Join(usize, usize, Vec<Room>),
    Leave(usize, usize, Vec<Room>),
    LeaveAll(usize, usize),
}

fn room() -> impl Strategy<Value = Room> {
    prop_oneof![
        3 => (0..ROOMS).prop_map(Room::Named),
        1 => (0..CLIENTS).prop_map(Room::Own),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => vec(room(), 0..3).prop_map(Step::To),
        2 => vec(room(), 0..3).prop_map(Step::Within),
        2 => vec(room(), 0..3).prop_map(Step::Except),
        1 => Just(Step::Local),
    ]
}

fn from() -> impl Strategy<Value = From> {
    prop_oneof![
        3 => (0..CLIENTS, 0..PATHS.len()).prop_map(|(client, place)| From::Socket(client, place)),
        2 => (0..2_usize, 0..PATHS.len()).prop_map(|(server, place)| From::Server(server, place)),
        1 => (0..2_usize).prop_map(From::All),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => Just(Action::Tell),
        2 => (0..ROOMS).prop_map(Action::Join),
        2 => (0..ROOMS).prop_map(Action::Leave),
        1 => Just(Action::Disconnect),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let socket = || (0..CLIENTS, 0..PATHS.len());
    prop_oneof![
        12 => (from(), vec(step(), 0..4), action())
            .prop_map(|(from, steps, action)| Operation::Operators(from, steps, action)),
        2 => socket().prop_map(|(client, place)| Operation::Enter(client, place)),
        1 => socket().prop_map(|(client, place)| Operation::Quit(client, place)),
        6 => (socket(), vec(room(), 0..3))
            .prop_map(|((client, place), rooms)| Operation::Join(client, place, rooms)),
        2 => (socket(), vec(room(), 0..3))
            .prop_map(|((client, place), rooms)| Operation::Leave(client, place, rooms)),
        1 => socket().prop_map(|(client, place)| Operation::LeaveAll(client, place)),
    ]
}

/// Generates the initial connections of the clients, and the operations that follow.
fn program() -> impl Strategy<Value = (Vec<(usize, usize)>, Vec<Operation>)> {
    let entered = vec((0..CLIENTS, 0..PATHS.len()), 8..16);
    (entered, vec(operation(), 1..24))
}

type MessageLog = Arc<Mutex<Vec<String>>>;
type Sending = Arc<tokio::sync::Mutex<WebSocket<OwnedWriteHalf>>>;

/// A real client with one connection.
struct Client {
    server: usize,
    id: Sid,
    sending: Sending,
    messages: MessageLog,
    reading: JoinHandle<()>,
}

impl Client {
    async fn connect(server: usize, address: SocketAddr) -> Self {
        let opened = WebSocket::open(address, WEBSOCKET, &[]).await;
        let (mut receiving, sending) = opened.expect("a WebSocket").into_split();
        let sending = Sending::new(tokio::sync::Mutex::new(sending));
        let messages = MessageLog::default();
        let (log, pongs) = (messages.clone(), sending.clone());
        let reading = tokio::spawn(async move {
            while let Some((opcode, text)) = receiving.frame().await {
                // Without answered heartbeats, the server disconnects the client in a long run on a busy machine.
                if text == "2" {
                    pongs.lock().await.send("3").await;
                }
                if opcode == TEXT {
                    log.lock().expect("no panic holds it").push(text);
                }
            }
        });
        let this = Self {
            server,
            // No socket has this id. The client gets another one when it connects to a namespace.
            id: Sid::new(),
            sending,
            messages,
            reading,
        };
        this.hears(|message| message.starts_with("0{")).await;
        this
    }

    async fn send(&self, message: &str) {
        let mut sending = self.sending.lock().await;
        let sent = sending.try_send_bytes(&text_frame(message)).await;
        sent.expect("it is open");
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<String> {
        let messages = self.messages.lock().expect("no panic holds it");
        messages.iter().find(|message| is_it(message)).cloned()
    }

    async fn hears(&self, is_it: impl Fn(&str) -> bool) -> String {
        let found = async {
            loop {
                if let Some(message) = self.find(&is_it) {
                    return message;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        within("a message", found).await
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// The expected sockets, by client and namespace, with their rooms.
type Model = BTreeMap<(usize, usize), BTreeSet<String>>;

struct World<'s> {
    servers: &'s [Server],
    clients: Vec<Client>,
    model: Model,
    /// The expected recipients of each text.
    expected: BTreeMap<String, BTreeSet<(usize, usize)>>,
}

impl<'s> World<'s> {
    async fn start(servers: &'s [Server], entered: &[(usize, usize)]) -> Self {
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let server = number % servers.len();
            clients.push(Client::connect(server, servers[server].address).await);
        }
        let mut this = Self {
            servers,
            clients,
            model: Model::new(),
            expected: BTreeMap::new(),
        };
        for (client, place) in entered {
            this.enter(*client, *place).await;
        }
        this
    }

    fn name(&self, room: Room) -> String {
        match room {
            Room::Named(number) => format!("room {number}"),
            Room::Own(client) => self.clients[client].id.to_string(),
        }
    }

    fn names(&self, rooms: &[Room]) -> Vec<String> {
        rooms.iter().map(|room| self.name(*room)).collect()
    }

    async fn enter(&mut self, number: usize, place: usize) {
        if self.model.contains_key(&(number, place)) {
            return;
        }
        let client = &mut self.clients[number];
        let path = PATHS[place];
        let entered = format!("40{path},");
        let entered = match place {
            0 => "40{".to_owned(),
            _ => entered,
        };
        let known = |client: &Client| {
            let messages = client.messages.lock().expect("no panic holds it");
            messages
                .iter()
                .filter(|message| message.starts_with(&entered))
                .count()
        };
        let before = known(client);
        client.send(&format!("40{path},")).await;
        until("the client is in the namespace", async || {
            known(client) != before
        })
        .await;
        let connected = client.hears(|message| message.starts_with(&entered)).await;
        let (_, rest) = connected.split_once(r#""sid":""#).expect("an id");
        client.id = rest[..16].parse().expect("an id");
        let own = self.name(Room::Own(number));
        self.model.insert((number, place), [own].into());
        self.settle().await;
    }

    /// Returns the expected recipients according to the operators' documentation.
    fn meant(&self, from: From, steps: &[Step]) -> BTreeSet<(usize, usize)> {
        let mut rooms = Vec::new();
        let mut except = Vec::new();
        let mut is_narrowed = false;
        let mut is_local = false;
        // Without steps, the operator of a socket is `broadcast`, which excludes the socket.
        let mut is_without_itself = !matches!(steps.first(), Some(Step::Within(_)));
        for step in steps {
            match step {
                Step::To(more) | Step::Within(more) => {
                    rooms.extend(self.names(more));
                    is_narrowed = true;
                }
                Step::Except(more) => except.extend(self.names(more)),
                Step::Local => is_local = true,
            }
            is_without_itself |= matches!(step, Step::To(_) | Step::Except(_));
        }
        let is_meant = |(client, place): (usize, usize), joined: &BTreeSet<String>| {
            let server = self.clients[client].server;
            let (is_place, here, is_itself) = match from {
                From::Socket(sender, there) => (
                    place == there,
                    self.clients[sender].server,
                    client == sender,
                ),
                From::Server(server, there) => (place == there, server, false),
                From::All(server) => (place >= 2, server, false),
            };
            is_place
                && (!is_local || server == here)
                && !(is_itself && is_without_itself)
                && (!is_narrowed || rooms.iter().any(|room| joined.contains(room)))
                && !except.iter().any(|room| joined.contains(room))
        };
        let sockets = self.model.iter();
        let meant = sockets.filter(|(socket, joined)| is_meant(**socket, joined));
        meant.map(|(socket, _)| *socket).collect()
    }

    async fn perform(&mut self, operation: &Operation) {
        match operation {
            Operation::Operators(from, steps, action) => {
                self.operate(*from, steps, *action).await;
            }
            Operation::Enter(client, place) => self.enter(*client, *place).await,
            Operation::Quit(client, place) => {
                if self.model.remove(&(*client, *place)).is_some() {
                    let packet = format!("41{},", PATHS[*place]);
                    self.clients[*client].send(&packet).await;
                }
            }
            Operation::Join(client, place, rooms) => {
                let rooms = self.names(rooms);
                if let Some(joined) = self.model.get_mut(&(*client, *place)) {
                    joined.extend(rooms.clone());
                    of!(*place, namespace => self.socket(*client, namespace()).join(rooms));
                }
            }
            Operation::Leave(client, place, rooms) => {
                let rooms = self.names(rooms);
                if let Some(joined) = self.model.get_mut(&(*client, *place)) {
                    joined.retain(|room| !rooms.contains(room));
                    of!(*place, namespace => self.socket(*client, namespace()).leave(rooms));
                }
            }
            Operation::LeaveAll(client, place) => {
                if let Some(joined) = self.model.get_mut(&(*client, *place)) {
                    joined.clear();
                    of!(*place, namespace => self.socket(*client, namespace()).leave_all());
                }
            }
        }
        self.settle().await;
    }

    fn socket<N: Namespace>(&self, client: usize, namespace: N) -> Socket<N> {
        let client = &self.clients[client];
        let found = self.servers[client.server]
            .io
            .of(namespace)
            .get_socket(client.id);
        found.expect("it is there")
    }

    async fn operate(&mut self, from: From, steps: &[Step], action: Action) {
        // The operation may name more servers than the test has.
        let from = match from {
            From::Socket(client, place) if !self.model.contains_key(&(client, place)) => return,
            From::Server(server, place) => From::Server(server % self.servers.len(), place),
            From::All(server) => From::All(server % self.servers.len()),
            from => from,
        };
        let meant = self.meant(from, steps);
        let text = format!("text {}", self.expected.len());
        match from {
            From::Socket(client, place) => of!(place, namespace => {
                let socket = self.socket(client, namespace());
                let (begun, rest) = self.begin(&socket, steps);
                self.act(begun, rest, action, &text).await;
            }),
            From::Server(server, place) => of!(place, namespace => {
                let all = self.servers[server].io.of(namespace());
                self.act(all, steps, action, &text).await;
            }),
            From::All(server) => {
                let all = self.servers[server].io.all::<Tenant>();
                self.act(all, steps, action, &text).await;
            }
        }
        match action {
            Action::Tell => {
                for (client, place) in &meant {
                    let told = told(*place, &text);
                    self.clients[*client].hears(|message| message == told).await;
                }
                self.expected.insert(text, meant);
                self.have_all_servers_handled(from).await;
            }
            Action::Join(room) => {
                let room = self.name(Room::Named(room));
                for socket in meant {
                    self.model.entry(socket).or_default().insert(room.clone());
                }
            }
            Action::Leave(room) => {
                let room = self.name(Room::Named(room));
                for socket in meant {
                    self.model.entry(socket).or_default().remove(&room);
                }
            }
            Action::Disconnect => self.model.retain(|socket, _| !meant.contains(socket)),
        }
    }

    /// Waits until the other servers have handled a broadcast, even one without recipients: a client that connects or
    /// joins a room after it must not receive it. The request takes the same way as the broadcast, and servers answer
    /// in order.
    async fn have_all_servers_handled(&self, from: From) {
        let asked = match from {
            From::Socket(client, place) => {
                let io = &self.servers[self.clients[client].server].io;
                of!(place, namespace => io.of(namespace()).rooms().await)
            }
            From::Server(server, place) => {
                let io = &self.servers[server].io;
                of!(place, namespace => io.of(namespace()).rooms().await)
            }
            From::All(server) => self.servers[server].io.all::<Tenant>().rooms().await,
        };
        asked.expect("the servers answer");
    }

    /// Returns the socket's first operator, and the remaining steps.
    fn begin<'o, N: Namespace>(
        &self,
        socket: &Socket<N>,
        steps: &'o [Step],
    ) -> (Broadcast<N>, &'o [Step]) {
        let Some((first, rest)) = steps.split_first() else {
            return (socket.broadcast(), steps);
        };
        let begun = match first {
            Step::To(rooms) => socket.to(self.names(rooms)),
            Step::Within(rooms) => socket.within(self.names(rooms)),
            Step::Except(rooms) => socket.except(self.names(rooms)),
            Step::Local => socket.local(),
        };
        (begun, rest)
    }

    async fn act<N>(&self, begun: Broadcast<N>, steps: &[Step], action: Action, text: &str)
    where
        N: Namespace<ServerToClient = dyn ServerToClient>,
    {
        let all = steps.iter().fold(begun, |all, step| match step {
            Step::To(rooms) => all.to(self.names(rooms)),
            Step::Within(rooms) => all.within(self.names(rooms)),
            Step::Except(rooms) => all.except(self.names(rooms)),
            Step::Local => all.local(),
        });
        let room = |number| self.name(Room::Named(number));
        let done = match action {
            Action::Tell => all.emit().text(text).await,
            Action::Join(number) => all.join(room(number)).await,
            Action::Leave(number) => all.leave(room(number)).await,
            Action::Disconnect => return all.disconnect().await.expect("all confirm"),
        };
        done.expect("the engine works");
    }

    /// Waits until the servers' sockets and rooms equal those of the model.
    async fn settle(&self) {
        let same = async {
            while self.found() != self.model {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        if timeout(TIMEOUT, same).await.is_err() {
            assert_eq!(self.found(), self.model, "the rooms");
        }
    }

    /// Returns the sockets that the servers have for these clients.
    fn found(&self) -> Model {
        let mut found = Model::new();
        for (number, client) in self.clients.iter().enumerate() {
            let io = &self.servers[client.server].io;
            for place in 0..PATHS.len() {
                let rooms = of!(place, namespace => {
                    io.of(namespace()).get_socket(client.id).map(|socket| socket.rooms())
                });
                if let Some(rooms) = rooms {
                    let rooms = rooms.into_iter().map(String::from).collect();
                    found.insert((number, place), rooms);
                }
            }
        }
        found
    }

    /// Asserts that every text reached each of its recipients once, and no other client.
    async fn check(mut self) -> TestCaseResult {
        // A client receives these texts after all texts that were sent to it before, on any route.
        for server in 0..self.servers.len() {
            for place in 0..PATHS.len() {
                self.operate(From::Server(server, place), &[], Action::Tell)
                    .await;
            }
            self.operate(From::All(server), &[], Action::Tell).await;
        }
        let mut messages: BTreeMap<(String, usize, usize), usize> = BTreeMap::new();
        for (number, client) in self.clients.iter().enumerate() {
            for message in client.messages.lock().expect("no panic holds it").iter() {
                for place in 0..PATHS.len() {
                    let told = |text: &&String| *message == told(place, text);
                    if let Some(text) = self.expected.keys().find(told) {
                        *messages.entry((text.clone(), number, place)).or_default() += 1;
                    }
                }
            }
        }
        let mut expected = BTreeMap::new();
        for (text, sockets) in &self.expected {
            for (client, place) in sockets {
                expected.insert((text.clone(), *client, *place), 1);
            }
        }
        prop_assert_eq!(messages, expected);
        Ok(())
    }
}

/// Returns the packet of a text.
fn told(place: usize, text: &str) -> String {
    match place {
        0 => format!(r#"42["text","{text}"]"#),
        place => format!(r#"42{},["text","{text}"]"#, PATHS[place]),
    }
}

async fn serve(cluster: Cluster) -> Server {
    server::serve(SocketIo::builder().cluster(cluster), |io| {
        io.mount::<Root, _>(Handler).expect("mounted once");
        io.mount::<Team, _>(Handler).expect("mounted once");
        io.mount::<Tenant, _>(Handler).expect("mounted once");
    })
    .await
}

async fn run(
    servers: &[Server],
    entered: &[(usize, usize)],
    operations: &[Operation],
) -> TestCaseResult {
    let mut world = World::start(servers, entered).await;
    for operation in operations {
        world.perform(operation).await;
    }
    world.check().await
}

fn test(servers: &[Server], runtime: &Runtime, cases: u32) {
    let asked = ProptestConfig::default().cases;
    let is_long = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig {
        cases: if is_long { cases * asked / 1024 } else { cases }.max(1),
        failure_persistence: None,
        max_shrink_iters: 512,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&program(), |(entered, operations)| {
        runtime.block_on(run(servers, &entered, &operations))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(2).enable_all();
    builder.build().expect("a runtime")
}

#[test]
fn only_intended_clients_receive_messages_on_one_server() {
    let runtime = runtime();
    let server = runtime.block_on(serve(Cluster::memory()));
    test(&[server], &runtime, 48);
}

#[cfg(feature = "redis")]
#[test]
fn only_intended_clients_receive_messages_on_two_servers() {
    use sio_types_test_support::{engine::Engine, redis::Redis};

    let runtime = runtime();
    let redis = runtime.block_on(Redis::start());
    let servers = runtime.block_on(async {
        let mut servers = Vec::new();
        for _ in 0..2 {
            let cluster = Cluster::connect(&redis.url()).await.expect("it is there");
            servers.push(serve(cluster).await);
        }
        // Broadcasts to all children use a channel between the servers, which a newly started server may not have
        // subscribed to yet. Servers that know each other have subscribed.
        for server in &servers {
            until("the servers know each other", async || {
                server.io.cluster().server_count().await >= 2
            })
            .await;
        }
        servers
    });
    test(&servers, &runtime, 16);
}
