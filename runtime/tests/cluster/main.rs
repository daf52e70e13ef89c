//! Two servers behave like one: every operator over each engine, against real Redis and PostgreSQL processes that are
//! stopped and restarted.
//!
//! `tests/wire/cluster.mjs` gets the servers as its input, and expects the same of one server and of two.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

mod disconnect;
mod faults;

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use faults::Process;
use sio_types::{
    Cluster, ClusterError, Emitter, EngineState, Parser, RemoteSocket, ServersError, SocketIo,
    prelude::*, testing::Hub,
};
use sio_types_test_support::{
    TIMEOUT,
    command::output,
    engine::{Engine, Freeze},
    memory, node,
    postgres::Postgres,
    redis::{Redis, RedisCluster, RedisSentinel, RedisTls},
    server, until, until_within,
};

#[payload]
#[derive(Clone)]
pub struct User {
    name: String,
    avatar: Binary,
}

#[payload]
pub struct Login {
    name: String,
}

#[payload]
pub struct Found {
    name: String,
    rooms: Vec<String>,
    avatar: Vec<u8>,
    agent: String,
}

#[events]
pub trait ToClient {
    fn text(text: String);
    fn bytes(bytes: Binary);
    fn question(text: String) -> String;
}

#[events]
pub trait ToServer {
    fn alive() -> ();
    fn join(room: String) -> ();
    fn leave(room: String) -> ();
    /// Sends a text from this socket with an operator.
    fn say(how: String, room: String, text: String) -> Result<(), String>;
    /// Sends a text from the server with an operator.
    fn announce(how: String, room: String, text: String) -> Result<(), String>;
    fn poll(room: String) -> Vec<String>;
    fn fetch(room: Option<String>) -> Vec<Found>;
    fn count(room: Option<String>) -> u32;
    fn rooms() -> Vec<String>;
    fn move_all(from: String, to: String) -> Result<(), String>;
    fn part_all(room: String) -> Result<(), String>;
    fn kick(room: String) -> Result<(), String>;
    /// Performs an action on one socket, on whichever server it is.
    fn remote(name: String, action: String, argument: String) -> Result<String, String>;
    fn ban(name: String) -> Result<(), String>;
    fn loads() -> Result<Vec<String>, String>;
    fn refused() -> Result<(), String>;
}

#[events]
pub trait BetweenServers {
    fn user_banned(name: String);
    fn load() -> String;
    fn refuse() -> Result<(), String>;
    fn panics() -> ();
    fn hangs() -> ();
}

#[derive(Events)]
#[events(
    namespace = "/",
    server_to_client = ToClient,
    client_to_server = ToServer,
    inter_server = BetweenServers,
    socket_data = User,
    auth = Login
)]
pub struct App;

#[derive(Events)]
#[events(
    namespace = "/tenant/{name}",
    server_to_client = ToClient,
    client_to_server = ToServer,
    inter_server = BetweenServers,
    socket_data = User,
    auth = Login
)]
pub struct Tenant {
    name: String,
}

/// A server of the cluster.
#[derive(Clone)]
struct Server {
    name: &'static str,
    banned: Arc<Mutex<Vec<String>>>,
}

fn problem(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn found<N>(sockets: sio_types::Broadcast<N>) -> Vec<RemoteSocket<N>>
where
    N: sio_types::Namespace<SocketData = User>,
{
    let mut found = sockets.members().await.expect("the engine works");
    found.sort_by(|a, b| a.data().name.cmp(&b.data().name));
    found
}

macro_rules! serve_clients {
    ($namespace:ty) => {
        impl ToServer<Socket<$namespace>> for Server {
            async fn alive(&self, _: Socket<$namespace>) {}

            async fn join(&self, socket: Socket<$namespace>, room: String) {
                socket.join(room);
            }

            async fn leave(&self, socket: Socket<$namespace>, room: String) {
                socket.leave(room);
            }

            async fn say(
                &self,
                socket: Socket<$namespace>,
                how: String,
                room: String,
                text: String,
            ) -> Result<(), String> {
                let to = match &*how {
                    "to" => socket.to(room),
                    "within" => socket.within(room),
                    "except" => socket.except(room),
                    "to except" => socket.broadcast().to("everybody").except(room),
                    "volatile" => socket.broadcast().volatile(),
                    _ => socket.broadcast(),
                };
                to.emit().text(text).await.map_err(problem)
            }

            async fn announce(
                &self,
                socket: Socket<$namespace>,
                how: String,
                room: String,
                text: String,
            ) -> Result<(), String> {
                let all = socket.within("everybody");
                let to = match &*how {
                    "to" => socket.within(room),
                    "except" => all.except(room),
                    "id" => socket.within(room),
                    _ => all,
                };
                let bytes = Binary::from(text.as_bytes().to_vec());
                to.clone().emit().bytes(bytes).await.map_err(problem)?;
                to.emit().text(text).await.map_err(problem)
            }

            async fn poll(&self, socket: Socket<$namespace>, room: String) -> Vec<String> {
                let asking = socket.within(room).timeout(Duration::from_secs(2));
                let mut answers = match asking.emit().question("?").await {
                    Ok(answers) => answers,
                    Err(error) => return vec![problem(error)],
                };
                let mut texts = Vec::new();
                while let Some((_, answer)) = answers.next().await {
                    texts.push(answer.unwrap_or_else(problem));
                }
                texts.sort();
                texts
            }

            async fn fetch(&self, socket: Socket<$namespace>, room: Option<String>) -> Vec<Found> {
                let all = socket.within(room.unwrap_or("everybody".to_owned()));
                let describe = |socket: RemoteSocket<$namespace>| {
                    let id = socket.id().to_string();
                    let mut rooms = socket.rooms().to_vec();
                    assert!(rooms.contains(&id), "a socket is in the room of its id");
                    rooms.retain(|room| *room != id);
                    rooms.sort();
                    let agent = socket.headers().get("x-agent");
                    Found {
                        name: socket.data().name.clone(),
                        rooms,
                        avatar: socket.data().avatar.to_vec(),
                        agent: agent.map_or("", |it| it.to_str().unwrap_or("?")).to_owned(),
                    }
                };
                found(all).await.into_iter().map(describe).collect()
            }

            async fn count(&self, socket: Socket<$namespace>, room: Option<String>) -> u32 {
                let all = socket.within(room.unwrap_or("everybody".to_owned()));
                all.count().await.expect("the engine works") as u32
            }

            async fn rooms(&self, socket: Socket<$namespace>) -> Vec<String> {
                let all = socket.within("everybody");
                let rooms = all.rooms().await.expect("the engine works");
                // The other rooms are ids.
                let named = rooms.into_iter().filter(|room| room.len() < 16);
                named.map(String::from).collect()
            }

            async fn move_all(
                &self,
                socket: Socket<$namespace>,
                from: String,
                to: String,
            ) -> Result<(), String> {
                socket.within(from).join(to).await.map_err(problem)
            }

            async fn part_all(
                &self,
                socket: Socket<$namespace>,
                room: String,
            ) -> Result<(), String> {
                socket
                    .within(room.clone())
                    .leave(room)
                    .await
                    .map_err(problem)
            }

            async fn kick(&self, socket: Socket<$namespace>, room: String) -> Result<(), String> {
                socket.within(room).disconnect().await.map_err(problem)
            }

            async fn remote(
                &self,
                socket: Socket<$namespace>,
                name: String,
                action: String,
                argument: String,
            ) -> Result<String, String> {
                let all = found(socket.within("everybody")).await;
                let one = all.into_iter().find(|one| one.data().name == name);
                let one = one.ok_or("nobody")?;
                let done = |()| "done".to_owned();
                match &*action {
                    "emit" => one.emit().text(argument).await.map(done).map_err(problem),
                    "ask" => {
                        let one = one.timeout(Duration::from_secs(2));
                        one.emit().question(argument).await.map_err(problem)
                    }
                    "join" => one.join(argument).await.map(done).map_err(problem),
                    "leave" => one.leave(argument).await.map(done).map_err(problem),
                    _ => one.disconnect().await.map(done).map_err(problem),
                }
            }

            async fn ban(&self, socket: Socket<$namespace>, name: String) -> Result<(), String> {
                let servers = socket.broadcast().servers();
                servers.emit().user_banned(&name).await.map_err(problem)?;
                self.banned.lock().expect("no panic").push(name);
                Ok(())
            }

            async fn loads(&self, socket: Socket<$namespace>) -> Result<Vec<String>, String> {
                let servers = socket.broadcast().servers();
                let mut loads = servers.emit().load().await.map_err(problem)?;
                loads.push(self.name.to_owned());
                loads.sort();
                Ok(loads)
            }

            async fn refused(&self, socket: Socket<$namespace>) -> Result<(), String> {
                let servers = socket.broadcast().servers();
                let answers = servers.emit().refuse().await.map_err(problem)?;
                answers.into_iter().find(Result::is_err).unwrap_or(Ok(()))
            }
        }

        impl BetweenServers<Peer<$namespace>> for Server {
            async fn user_banned(&self, node: Peer<$namespace>, name: String) {
                self.banned.lock().expect("no panic").push(name.clone());
                for socket in node.sockets() {
                    if socket.data().name == name {
                        socket.disconnect();
                    }
                }
            }

            async fn load(&self, _: Peer<$namespace>) -> String {
                self.name.to_owned()
            }

            async fn refuse(&self, _: Peer<$namespace>) -> Result<(), String> {
                Err("not here".to_owned())
            }

            async fn panics(&self, _: Peer<$namespace>) {
                panic!("on purpose");
            }

            async fn hangs(&self, _: Peer<$namespace>) {
                std::future::pending().await
            }
        }

        impl Lifecycle<$namespace> for Server {
            async fn authenticate(
                &self,
                _: &Handshake<$namespace>,
                login: Login,
            ) -> Result<User, sio_types::ConnectError> {
                let avatar = Binary::from(login.name.as_bytes().to_vec());
                let name = login.name;
                Ok(User { name, avatar })
            }

            async fn connected(&self, socket: Socket<$namespace>) {
                socket.join("everybody");
            }
        }
    };
}

serve_clients!(App);
serve_clients!(Tenant);

async fn start(name: &'static str, cluster: Cluster, parser: Parser) -> server::Server {
    start_on(0, name, cluster, parser).await
}

async fn start_on(
    port: u16,
    name: &'static str,
    cluster: Cluster,
    parser: Parser,
) -> server::Server {
    let builder = SocketIo::builder().parser(parser).cluster(cluster);
    server::serve_on(port, builder, |io| {
        let banned = Arc::default();
        let server = Server { name, banned };
        io.mount::<App, _>(server.clone()).expect("mounted once");
        io.mount::<Tenant, _>(server).expect("mounted once");
    })
    .await
}

/// Creates a cluster with short timeouts and its own prefix.
async fn cluster(url: &str, prefix: &str) -> Cluster {
    Cluster::from_url(url)
        .expect("a URL")
        .prefix(prefix)
        .heartbeat(Duration::from_millis(300), Duration::from_secs(5))
        .request_timeout(Duration::from_secs(2))
        .connect_timeout(Duration::from_secs(10))
        .await
        .expect("the engine is there")
}

async fn prove(servers: [SocketAddr; 2], parser: Parser) {
    let servers = servers.map(|server| format!("http://{server}")).join(" ");
    let address = servers
        .split(' ')
        .next()
        .expect("two")
        .trim_start_matches("http://");
    let address = address.parse().expect("an address");
    node::run_client_with("cluster.mjs", address, parser, &servers).await;
}

async fn prove_two(engine: impl Engine) {
    for parser in [Parser::Common, Parser::Msgpack] {
        let prefix = format!("{parser:?}");
        let a = start("a", cluster(&engine.url(), &prefix).await, parser).await;
        let b = start("b", cluster(&engine.url(), &prefix).await, parser).await;
        knows(&a, 2).await;
        knows(&b, 2).await;
        prove([a.address, b.address], parser).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server() {
    let one = start("a", Cluster::memory(), Parser::Common).await;
    prove([one.address; 2], Parser::Common).await;
}

/// The hub that connects the servers of a test behaves like the other engines.
#[tokio::test(flavor = "multi_thread")]
async fn hub_of_two_servers_behaves_like_one_server() {
    let prove_hub = async |parser| {
        let hub = Hub::new();
        let a = start("a", hub.cluster(), parser).await;
        let b = start("b", hub.cluster(), parser).await;
        hub.settled().await.expect("they know each other");
        prove([a.address, b.address], parser).await;
    };
    tokio::join!(prove_hub(Parser::Common), prove_hub(Parser::Msgpack));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn clients_share_one_child_namespace() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let one = start("a", Cluster::memory(), parser).await;
        node::run_client("children.mjs", one.address, parser).await;
    }
}

/// Runs the same script where the namespace also needs a subscription.
async fn prove_children(engine: impl Engine) {
    let one = cluster(&engine.url(), "children").await;
    let one = start("a", one, Parser::Common).await;
    node::run_client("children.mjs", one.address, Parser::Common).await;
}

/// Connects clients to children and disconnects them, on two servers. At the end there is no child, and no subscription
/// for one.
async fn prove_churn(engine: &impl Engine, prefix: &str, prepare: impl Fn(Cluster) -> Cluster) {
    let cluster = || {
        let cluster = Cluster::from_url(&engine.url()).expect("a URL");
        prepare(cluster.prefix(prefix))
    };
    let a = start("a", cluster(), Parser::Common).await;
    let b = start("b", cluster(), Parser::Common).await;
    knows(&a, 2).await;
    knows(&b, 2).await;
    let [first, second] = [&a, &b].map(|server| format!("\"http://{}\"", server.address));
    let input = format!("{{\"servers\":[{first},{second}],\"auth\":{{\"name\":\"x\"}}}}");
    node::run_client_with("churn.mjs", a.address, Parser::Common, &input).await;
    for server in [&a, &b] {
        until("every child is deleted", async || {
            let children = server.io.raw().nsps();
            children.iter().all(|child| child.ns_path() == "/")
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn empty_child_namespaces_are_removed() {
    prove_churn(&Postgres::start().await, "churn", |cluster| cluster).await;
    let redis = Redis::start().await;
    let by_channels = |cluster: Cluster| cluster.node_interop("node").expect("it can be");
    let by_shards = |cluster: Cluster| cluster.node_interop_sharded("node").expect("it can be");
    prove_churn(&redis, "churn", |cluster| cluster).await;
    prove_churn(&redis, "by-channels", by_channels).await;
    prove_churn(&redis, "by-shards", by_shards).await;
    assert!(
        !redis.channels("churn-request#/#*").is_empty(),
        "the servers listen"
    );
    until("nobody listens for a child", async || {
        redis.channels("*tenant*").is_empty()
    })
    .await;
}

/// Inter-server events when one of the servers misbehaves.
async fn prove_inter_server(engine: impl Engine) {
    let url = &engine.url();
    let a = start("a", cluster(url, "servers").await, Parser::Common).await;
    let b = start("b", cluster(url, "servers").await, Parser::Common).await;
    let c = start("c", cluster(url, "servers").await, Parser::Common).await;
    // The sender waits for servers that answer, no matter how long they take.
    let servers = || a.io.of(App).servers().timeout(Duration::from_secs(60));
    knows(&a, 3).await;

    let mut loads = servers().emit().load().await.expect("both answer");
    loads.sort();
    assert_eq!(loads, ["b", "c"]);

    let Err(ServersError::Incomplete {
        answers,
        missing,
        rejected,
        ..
    }) = servers().emit().panics().await
    else {
        panic!("the handlers panic");
    };
    assert_eq!((answers.len(), missing.len(), rejected.len()), (0, 0, 2));
    assert!(rejected[0].1.message.contains("on purpose"), "{rejected:?}");

    let hurried = servers().timeout(Duration::from_millis(300));
    let Err(ServersError::Incomplete { missing, .. }) = hurried.emit().hangs().await else {
        panic!("nobody answers");
    };
    assert_eq!(missing.len(), 2);

    // One server announces its shutdown. The others do not wait for its answer, even if they asked it meanwhile.
    assert_eq!(a.io.health().other_servers, 2);
    let engine = c.io.health().engine;
    assert!(
        matches!(engine, EngineState::Connected { .. }),
        "{engine:?}"
    );
    let outcome = c.io.shutdown(Duration::from_secs(3)).await;
    // The handler that hangs has not ended.
    assert_eq!((outcome.disconnected, outcome.abandoned), (0, 1));
    until("its connections to the engine end", async || {
        !c.io.cluster().is_connected()
    })
    .await;
    until("its departure is heard", async || {
        a.io.health().other_servers == 1
    })
    .await;
    let loads = servers().emit().load().await;
    assert_eq!(loads.expect("the other answers"), ["b"]);

    // A server has only those children of a dynamic namespace that its clients are in; the bus has others.
    let tenant = || Tenant {
        name: "acme".into(),
    };
    let loads =
        a.io.of(tenant())
            .servers()
            .emit()
            .load()
            .await
            .expect("it answers");
    assert_eq!(loads, ["b"]);
    drop(b);
}

#[tokio::test]
async fn invalid_cluster_urls_are_explained() {
    let unknown = Cluster::from_url("kafka://me:secret@host").expect_err("no such engine");
    assert_eq!(unknown, ClusterError::UnknownEngine("kafka".into()));
    for url in [
        "redis://me:secret@host:port",
        "postgres://me:secret@host:port/db",
    ] {
        let error = Cluster::from_url(url)
            .expect_err("a port is a number")
            .to_string();
        assert!(
            error.contains("me:***@host") && !error.contains("secret"),
            "{error}"
        );
    }
    for url in [
        "redis://me:secret@127.0.0.1:1",
        "redis-cluster://me:secret@127.0.0.1:1",
        "postgres://me:secret@127.0.0.1:1/db",
    ] {
        let timeout = Duration::from_millis(300);
        let cluster = Cluster::from_url(url).expect("a URL");
        let error = cluster.connect_timeout(timeout).await;
        let error = error.expect_err("nobody listens").to_string();
        assert!(error.contains("me:***@127.0.0.1:1"), "{error}");
        assert!(!error.contains("secret"), "{error}");
        assert!(error.to_lowercase().contains("refused"), "{error}");
    }
    let nameless = Cluster::from_url("redis-sentinel://me:secret@host").expect_err("no name");
    let nameless = nameless.to_string();
    assert!(
        nameless.contains("sentinelServiceName") && !nameless.contains("secret"),
        "{nameless}"
    );
}

#[tokio::test]
async fn wrong_credentials_are_explained() {
    let redis = Redis::start_with_password("right").await;
    let address = redis.url().replace("redis://", "");
    let connect = async |url: String| {
        let cluster = Cluster::from_url(&url).expect("a URL");
        cluster.connect_timeout(Duration::from_secs(2)).await
    };
    let wrong = connect(format!("redis://:secret@{address}")).await;
    let wrong = wrong.expect_err("the password is another").to_string();
    assert!(
        wrong.contains("***") && !wrong.contains("secret"),
        "{wrong}"
    );
    assert!(wrong.to_lowercase().contains("password"), "{wrong}");
    let none = connect(format!("redis://{address}")).await;
    let none = none.expect_err("there is no password").to_string();
    assert!(none.contains("NOAUTH"), "{none}");
    connect(format!("redis://:right@{address}"))
        .await
        .expect("that is it");

    let postgres = Postgres::start().await;
    let nobody = postgres.url().replace("postgres@", "nobody:secret@");
    let nobody = connect(nobody).await.expect_err("there is no such user");
    let nobody = nobody.to_string();
    assert!(nobody.contains("\"nobody\" does not exist"), "{nobody}");
    assert!(!nobody.contains("secret"), "{nobody}");
}

/// Not a test: runs in its own process with its own memory, started by the test below.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by another test"]
async fn outage_process() {
    prove_memory(Redis::start().await).await;
    prove_memory(Postgres::start().await).await;
}

async fn prove_memory(mut engine: impl Engine) {
    let a = start("a", cluster(&engine.url(), "memory").await, Parser::Common).await;
    let b = start("b", cluster(&engine.url(), "memory").await, Parser::Common).await;
    knows(&a, 2).await;
    engine.kill();
    until("the outage is noticed", async || {
        !a.io.cluster().is_connected() && !b.io.cluster().is_connected()
    })
    .await;
    let text = "x".repeat(2_000);
    let send = async |count: usize| {
        for _ in 0..count {
            let sent = a.io.of(App).to("nobody").emit().text(&text).await;
            sent.expect("local delivery does not need the engine");
            let told = a.io.of(App).servers().emit().user_banned(&text).await;
            told.expect("what is lost is no error");
        }
    };
    send(1_000).await;
    let resident = || memory::resident().expect("Linux");
    let before = resident();
    // Nothing waits for an engine that is unavailable. Otherwise each message would take seconds.
    let sent = tokio::time::timeout(Duration::from_secs(300), send(20_000)).await;
    sent.expect("nothing waits for the engine");
    let grown = resident().saturating_sub(before);
    // 80 MB were dropped.
    assert!(grown < 8 << 20, "{grown} bytes more");
    assert!(a.io.cluster().dropped_messages() >= 40_000);
    engine.restart().await;
    until("it works again", async || {
        let loads = a.io.of(App).servers().emit().load().await;
        loads.is_ok_and(|loads| loads == ["b"])
    })
    .await;
}

#[test]
fn memory_is_bounded_during_an_outage() {
    let mut ours = Command::new(std::env::current_exe().expect("this test"));
    let ours = output(ours.args(["--ignored", "--exact", "outage_process"]));
    let said = String::from_utf8_lossy(&ours.stdout);
    assert!(ours.status.success() && said.contains("1 passed"), "{said}");
}

/// Waits until a server knows `count` servers, including itself.
async fn knows(server: &server::Server, count: usize) {
    until("the servers know each other", async || {
        server.io.cluster().server_count().await == count
    })
    .await;
}

/// Reaches the clients of all servers from a process that is not a server.
async fn prove_outside(engine: impl Engine) {
    let url = &engine.url();
    let a = start("a", cluster(url, "outside").await, Parser::Common).await;
    let b = start("b", cluster(url, "outside").await, Parser::Msgpack).await;
    let emitter = Emitter::<App>::new(&cluster(url, "outside").await);
    // The clients use JSON with one server and MessagePack with the other.
    let clients = NodeClients::start_with([a.address, b.address], "common msgpack").await;
    until("it knows them", async || {
        emitter.all().count().await == Ok(2)
    })
    .await;

    let found = found(emitter.to("everybody")).await;
    let names: Vec<_> = found.iter().map(|one| one.data().name.clone()).collect();
    assert_eq!(names, ["a", "b"]);
    // Texts that were sent before the fence arrive before it.
    let mut fences = 0;
    let mut hears = async |text: &str| {
        fences += 1;
        let fence = format!("fence {fences}");
        emitter.emit().text(&fence).await.expect("it is sent");
        until("the fence is heard", async || {
            clients.received(&fence) == [true, true]
        })
        .await;
        clients.received(text)
    };
    emitter.emit().text("all").await.expect("it is sent");
    assert_eq!(hears("all").await, [true, true]);
    let bytes = Binary::from(b"bytes".to_vec());
    emitter.emit().bytes(bytes).await.expect("it is sent");
    assert_eq!(hears("bytes").await, [true, true]);
    found[1].emit().text("one").await.expect("it is sent");
    assert_eq!(hears("one").await, [false, true]);
    let but_one = emitter.except(found[1].id()).emit();
    but_one.text("but one").await.expect("it is sent");
    assert_eq!(hears("but one").await, [true, false]);
    found[0].join("x").await.expect("it is sent");
    until("it has joined", async || {
        emitter.to("x").count().await == Ok(1)
    })
    .await;
    let mut rooms = emitter.all().rooms().await.expect("both answer");
    rooms.retain(|room| room.len() < 16);
    assert_eq!(rooms, ["everybody", "x"]);

    let volatile = emitter.all().volatile().emit();
    volatile.text("volatile").await.expect("it is sent");
    // A fence may overtake a volatile event.
    until("it is heard", async || {
        clients.received("volatile") == [true, true]
    })
    .await;
    let mut answers = emitter.emit().question("?").await.expect("it is sent");
    let mut texts = Vec::new();
    while let Some((_, answer)) = answers.next().await {
        texts.push(answer.expect("they answer"));
    }
    texts.sort();
    assert_eq!(texts, ["a: ?", "b: ?"]);
    let answer = found[1].emit().question("you?").await;
    assert_eq!(answer.expect("it answers"), "b: you?");

    let mut loads = emitter.servers().emit().load().await.expect("both answer");
    loads.sort();
    assert_eq!(loads, ["a", "b"]);
    emitter
        .servers()
        .emit()
        .user_banned("b")
        .await
        .expect("it is sent");
    until("one is gone", async || emitter.all().count().await == Ok(1)).await;
    // Server `a` does not wait for a process that is not a server.
    assert_eq!(
        a.io.of(App)
            .servers()
            .emit()
            .load()
            .await
            .expect("b answers"),
        ["b"]
    );
    knows(&a, 2).await;
}

/// Broadcasts a text. The server's own clients receive it even if the engine is unavailable.
async fn tell_all(io: &SocketIo, clients: &NodeClients, text: &str) {
    let sent = io.of(App).emit().text(text).await;
    sent.expect("local delivery does not need the engine");
    until("the server's own client hears it", async || {
        clients.received(text)[0]
    })
    .await;
}

/// Two clients, one of each server, that print what they receive.
struct NodeClients {
    process: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl NodeClients {
    async fn start(servers: [SocketAddr; 2]) -> Self {
        Self::start_with(servers, "common common").await
    }

    async fn start_with(servers: [SocketAddr; 2], parsers: &str) -> Self {
        let mut clients = node::node("listen.mjs");
        let servers = servers.map(|it| format!("http://{it}")).join(" ");
        clients.env("PARSERS", parsers).env("SERVERS", servers);
        Self::of(clients, TIMEOUT).await
    }

    /// Starts the clients, and waits until they have connected.
    async fn of(mut clients: Command, limit: Duration) -> Self {
        let mut process = clients.stdout(Stdio::piped()).spawn().expect("node starts");
        let stdout = process.stdout.take().expect("piped");
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = lines.clone();
        std::thread::spawn(move || {
            use std::io::BufRead;
            for line in std::io::BufReader::new(stdout)
                .lines()
                .map_while(Result::ok)
            {
                log.lock().expect("no panic").push(line);
            }
        });
        let clients = Self { process, lines };
        until_within(limit, "the clients connect", async || {
            let lines = clients.lines.lock().expect("no panic");
            lines.contains(&"connected".to_owned())
        })
        .await;
        clients
    }

    /// Returns which of the two clients have received a text.
    fn received(&self, text: &str) -> [bool; 2] {
        let lines = self.lines.lock().expect("no panic");
        ["a", "b"].map(|client| lines.contains(&format!("{client} {text}")))
    }
}

impl Drop for NodeClients {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Kills and restarts the engine while events are sent.
async fn prove_outage(mut engine: impl Engine) {
    let url = &engine.url();
    let a = start("a", cluster(url, "outage").await, Parser::Common).await;
    let b = start("b", cluster(url, "outage").await, Parser::Common).await;
    let clients = NodeClients::start([a.address, b.address]).await;
    tell_all(&a.io, &clients, "before").await;
    until("the other client hears it", async || {
        clients.received("before")[1]
    })
    .await;

    for round in 0..2 {
        engine.kill();
        until("the outage is noticed", async || {
            !a.io.cluster().is_connected()
        })
        .await;
        let text = format!("during {round}");
        tell_all(&a.io, &clients, &text).await;
        // Operations that need the other servers return immediately without them.
        let started = std::time::Instant::now();
        assert_eq!(a.io.of(App).count().await, Ok(1));
        assert_eq!(
            a.io.of(App).fetch_sockets().await.map(|all| all.len()).ok(),
            Some(1)
        );
        assert!(started.elapsed() < Duration::from_secs(2));
        assert!(a.io.cluster().dropped_messages() > 0);
        let health = a.io.health();
        assert!(health.is_ready() && health.dropped_messages > 0);
        let EngineState::Disconnected { problem, .. } = health.engine else {
            panic!("{health:?}");
        };
        assert!(!problem.is_empty());

        engine.restart().await;
        let mut attempt = 0;
        until("events reach the other server again", async || {
            attempt += 1;
            let again = format!("after {round} {attempt}");
            tell_all(&a.io, &clients, &again).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            clients.received(&again)[1]
        })
        .await;
        assert!(
            !clients.received(&text)[1],
            "what was lost does not come late"
        );
        until("the servers know each other again", async || {
            a.io.of(App).count().await == Ok(2)
        })
        .await;
        let loads =
            a.io.of(App)
                .servers()
                .emit()
                .load()
                .await
                .expect("it answers");
        assert_eq!(loads, ["b"]);
    }
}

/// Not a test: a server in its own process, which other tests kill or end with a signal.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by another test"]
async fn server_process() {
    let url = std::env::var("CLUSTER_URL").expect("the engine's URL");
    let port = std::env::var("PORT").map_or(0, |port| port.parse().expect("a port"));
    let cluster = cluster(&url, "killed").await;
    let server = start_on(port, "b", cluster, Parser::Common).await;
    println!("\nserving on {}", server.address);
    let terminate = tokio::signal::unix::SignalKind::terminate();
    let told = tokio::signal::unix::signal(terminate)
        .expect("Linux")
        .recv()
        .await;
    told.expect("it is told once");
    server.io.close().await;
}

/// Kills a server, so that it does not announce its shutdown.
async fn prove_kill(engine: impl Engine) {
    let url = &engine.url();
    let a = start("a", cluster(url, "killed").await, Parser::Common).await;
    let mut b = Process::start(url, 0, 1024).await;
    let _clients = NodeClients::start([a.address, b.address]).await;
    until("both clients are there", async || {
        a.io.of(App).count().await == Ok(2)
    })
    .await;

    b.process.kill().expect("it runs");
    b.process.wait().expect("it ends");
    // The first request may have to wait for the dead server. The members are correct immediately.
    assert_eq!(
        a.io.of(App)
            .room("everybody")
            .members()
            .await
            .map(|all| all.len())
            .ok(),
        Some(1)
    );
    let started = std::time::Instant::now();
    assert_eq!(a.io.of(App).count().await, Ok(1));
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(a.io.cluster().server_count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_sentinel() {
    prove_outage(RedisSentinel::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_cluster() {
    prove_two(RedisCluster::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_cluster_node_failure() {
    let mut engine = RedisCluster::start().await;
    let url = engine.url();
    let a = start("a", cluster(&url, "node").await, Parser::Common).await;
    let b = start("b", cluster(&url, "node").await, Parser::Common).await;
    let clients = NodeClients::start([a.address, b.address]).await;
    engine.kill();
    let mut attempt = 0;
    until("events reach the other server", async || {
        attempt += 1;
        let text = format!("attempt {attempt}");
        tell_all(&a.io, &clients, &text).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        clients.received(&text)[1]
    })
    .await;
    until("the servers know each other", async || {
        a.io.of(App).count().await == Ok(2)
    })
    .await;
    // This includes requests that rely on Redis' own count of servers.
    until("the adapters find each other", async || {
        a.io.of(App)
            .to("everybody")
            .rooms()
            .await
            .map(|rooms| rooms.len())
            == Ok(3)
    })
    .await;
}

/// Not a test: runs with a trusted certificate, started by the test below.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by another test"]
async fn tls_process() {
    let url = std::env::var("CLUSTER_URL").expect("the engine's URL");
    let a = start("a", cluster(&url, "tls").await, Parser::Common).await;
    let _b = start("b", cluster(&url, "tls").await, Parser::Common).await;
    knows(&a, 2).await;
    let loads = a.io.of(App).servers().emit().load().await;
    assert_eq!(loads.expect("it answers"), ["b"]);
}

#[tokio::test]
async fn redis_with_tls() {
    let redis = RedisTls::start().await;
    let error = Cluster::connect(&redis.url())
        .await
        .expect_err("nobody knows the certificate");
    assert!(error.to_string().contains("certificate"), "{error}");

    let mut trusting = Command::new(std::env::current_exe().expect("this test"));
    trusting
        .args(["--ignored", "--exact", "tls_process"])
        .env("CLUSTER_URL", redis.url())
        .env("SSL_CERT_FILE", redis.certificate());
    let trusting = output(&mut trusting);
    let said = String::from_utf8_lossy(&trusting.stdout);
    assert!(
        trusting.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_with_tls() {
    let postgres = Postgres::start_with_tls().await;
    let other = tempfile::NamedTempFile::new().expect("a temporary file");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("one");
    std::fs::write(other.path(), made.cert.pem()).expect("the file is ours");
    let error = Cluster::connect(&postgres.verified_url(other.path())).await;
    let error = error.expect_err("the certificate is another").to_string();
    assert!(error.contains("certificate"), "{error}");

    let url = postgres.verified_url(&postgres.certificate());
    let a = start("a", cluster(&url, "tls").await, Parser::Common).await;
    let _b = start("b", cluster(&url, "tls").await, Parser::Common).await;
    knows(&a, 2).await;
    let loads = a.io.of(App).servers().emit().load().await;
    assert_eq!(loads.expect("it answers"), ["b"]);
}

/// Adds a service on the Node.js server to the cluster, with either of its adapters.
async fn prove_node(dialect: &str) {
    let redis = Redis::start().await;
    let member = async |name| {
        let cluster = cluster(&redis.url(), "interop").await;
        let cluster = match dialect {
            "sharded" => cluster.node_interop_sharded("socket.io"),
            _ => cluster.node_interop("socket.io"),
        };
        let cluster = cluster.expect("the prefix is another");
        start(name, cluster, Parser::Common).await
    };
    let (a, b) = (member("a").await, member("b").await);
    knows(&a, 2).await;
    let (url, a, b) = (redis.url(), a.address, b.address);
    let input = format!("{dialect} {url} http://{a} http://{b}");
    node::run_client_with("service.mjs", a, Parser::Common, &input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn interop_with_classic_adapter() {
    prove_node("classic").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn interop_with_sharded_adapter() {
    prove_node("sharded").await;
}

#[test]
fn invalid_interop_is_explained() {
    let memory = Cluster::memory()
        .node_interop("socket.io")
        .expect_err("no Redis");
    assert!(
        memory.to_string().contains("only the Redis engine"),
        "{memory}"
    );
    let shards = Cluster::from_url("redis-cluster://localhost").expect("a URL");
    let shards = shards.node_interop_sharded("socket.io");
    let shards = shards.expect_err("it is connected to one node").to_string();
    assert!(shards.contains("`node_interop`"), "{shards}");
    let same = Cluster::from_url("redis://localhost")
        .expect("a URL")
        .prefix("socket.io");
    let same = same
        .node_interop("socket.io")
        .expect_err("the channels collide");
    assert!(
        same.to_string().contains("`socket.io` is used by both"),
        "{same}"
    );
}

/// Number of clients that connect to two servers. `CROWD` sets it for a long run.
fn crowd() -> usize {
    let crowd = std::env::var("CROWD").ok();
    crowd.and_then(|crowd| crowd.parse().ok()).unwrap_or(1_000)
}

async fn prove_crowd(engine: impl Engine) {
    let url = &engine.url();
    let count = crowd();
    let a = start("a", cluster(url, "crowd").await, Parser::Common).await;
    let b = start("b", cluster(url, "crowd").await, Parser::Common).await;
    let mut clients = node::node("many-clients.mjs");
    clients.env("CROWD", count.to_string()).env(
        "SERVERS",
        format!("http://{} http://{}", a.address, b.address),
    );
    let clients = NodeClients::of(clients, Duration::from_secs(120)).await;
    for io in [&a.io, &b.io] {
        assert_eq!(io.of(App).count().await, Ok(count));
        assert_eq!(io.of(App).local().count().await, Ok(count / 2));
    }
    let found =
        a.io.of(App)
            .fetch_sockets()
            .await
            .expect("the engine works");
    let mut names: Vec<_> = found
        .iter()
        .map(|socket| socket.data().name.clone())
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "everybody, and nobody twice");
    drop(clients);
    // Keeping the fetched sockets does not keep the clients connected.
    until("they are gone", async || {
        b.io.of(App).count().await == Ok(0)
    })
    .await;
}

/// Runs every proof on every engine, each with its own engine process.
macro_rules! on_every_engine {
    ($($name:ident: $prove:path;)*) => {
        mod on_redis {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    $prove(super::Redis::start().await).await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    $prove(super::Postgres::start().await).await;
                }
            )*
        }
    };
}

on_every_engine! {
    two_servers_behave_like_one: crate::prove_two;
    inter_server_events: crate::prove_inter_server;
    external_emitter: crate::prove_outside;
    engine_outage: crate::prove_outage;
    killed_server: crate::prove_kill;
    confirmed_disconnect: crate::disconnect::prove_disconnect;
    counts_many_clients: crate::prove_crowd;
    clients_share_one_child_namespace: crate::prove_children;
    engine_hang: crate::faults::prove_freeze;
    network_failure: crate::faults::prove_network;
    server_restart_under_load: crate::faults::prove_restarts;
    file_descriptor_exhaustion: crate::faults::prove_exhaustion;
}
