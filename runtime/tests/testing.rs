//! The clients and the cluster of `sio_types::testing`, against servers built like those of applications.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{error::Error, sync::Arc, time::Duration};

use sio_types::{
    Limits, Parser, Rate, RejectionCode, ServersError,
    prelude::*,
    testing::{Client, Connection, Disconnected, Hub, Problem, expect_event},
};

type Outcome = Result<(), Box<dyn Error>>;

#[payload]
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub name: String,
    pub bytes: Option<Binary>,
    pub size: f32,
}

#[payload]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum PostError {
    Empty,
}

#[events]
pub trait ServerToClient {
    fn posted(author: String, text: String);
    fn picture(picture: Picture);
    fn confirm(question: String) -> bool;
    fn seen() -> ();
    fn vote(on: String) -> Result<Picture, PostError>;
    fn outcome(outcome: String);
}

#[events]
pub trait ClientToServer {
    fn post(text: String) -> Result<u32, PostError>;
    fn say(text: String);
    fn draw(picture: Picture) -> Picture;
    fn ask();
    fn vote(on: String);
    fn later(text: String);
    fn kick();
    fn panics() -> Result<(), PostError>;
    fn burst(count: u32);
    fn ban(name: String) -> Result<(), String>;
    fn loads() -> Result<Vec<u32>, String>;
    /// Returns the names of all connected users, on any server.
    fn members() -> Vec<String>;
    fn poll(question: String) -> Vec<bool>;
}

#[events]
pub trait Between {
    fn banned(name: String);
    fn load() -> u32;
}

#[payload]
pub struct Credentials {
    pub name: String,
}

#[payload]
#[derive(Debug, PartialEq)]
pub struct Refused {
    pub retry_after: u32,
}

macro_rules! namespace {
    ($name:ident $path:literal $($fields:tt)*) => {
        #[derive(Events)]
        #[events(
            namespace = $path,
            server_to_client = ServerToClient,
            client_to_server = ClientToServer,
            inter_server = Between,
            auth = Credentials,
            socket_data = String,
            connect_error = Refused,
        )]
        pub struct $name $($fields)*
    };
}

namespace!(Chat "/chat";);
namespace!(Workspace "/workspace/{tenant}" { pub tenant: String });

struct Handler;

impl<N> ClientToServer<Socket<N>> for Handler
where
    N: sio_types::Namespace<
            ServerToClient = dyn ServerToClient,
            ClientToServer = dyn ClientToServer,
            InterServer = dyn Between,
            SocketData = String,
        >,
{
    async fn post(&self, socket: Socket<N>, text: String) -> Result<u32, PostError> {
        if text.is_empty() {
            return Err(PostError::Empty);
        }
        let others = socket.broadcast();
        let count = others.clone().sockets().len();
        let posted = others.emit().posted(socket.data(), text);
        posted.await.expect("they are there");
        Ok(count.try_into().expect("a few"))
    }

    async fn say(&self, socket: Socket<N>, text: String) {
        let posted = socket.broadcast().emit();
        let posted = posted.posted(socket.data(), text);
        posted.await.expect("they are there");
    }

    async fn draw(&self, socket: Socket<N>, picture: Picture) -> Picture {
        socket.emit().picture(&picture).expect("it is connected");
        picture
    }

    async fn ask(&self, socket: Socket<N>) {
        let confirmed = socket.emit().confirm("Sure?").await;
        let seen = socket.emit().seen().await;
        let outcome = format!("{confirmed:?} {seen:?}");
        socket.emit().outcome(outcome).expect("it is connected");
    }

    async fn vote(&self, socket: Socket<N>, on: String) {
        let vote = socket.emit().vote(on).await;
        let outcome = format!("{vote:?}");
        socket.emit().outcome(outcome).expect("it is connected");
    }

    async fn later(&self, socket: Socket<N>, text: String) {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        socket.emit().outcome(text).expect("it is connected");
    }

    async fn kick(&self, socket: Socket<N>) {
        socket.disconnect();
    }

    async fn panics(&self, _: Socket<N>) -> Result<(), PostError> {
        panic!("on purpose");
    }

    async fn burst(&self, socket: Socket<N>, count: u32) {
        for index in 0..count {
            let outcome = index.to_string();
            socket.emit().outcome(outcome).expect("there is room");
        }
    }

    async fn ban(&self, socket: Socket<N>, name: String) -> Result<(), String> {
        let servers = socket.broadcast().servers();
        servers
            .emit()
            .banned(name)
            .await
            .map_err(|error| error.to_string())
    }

    async fn loads(&self, socket: Socket<N>) -> Result<Vec<u32>, String> {
        let servers = socket.broadcast().servers().timeout(Duration::from_secs(1));
        servers
            .emit()
            .load()
            .await
            .map_err(|error| error.to_string())
    }

    async fn members(&self, socket: Socket<N>) -> Vec<String> {
        let members = socket.broadcast().members().await.expect("the hub works");
        let mut names: Vec<_> = members.iter().map(|member| member.data().clone()).collect();
        names.sort();
        names
    }

    async fn poll(&self, socket: Socket<N>, question: String) -> Vec<bool> {
        let mut answers = socket
            .broadcast()
            .emit()
            .confirm(question)
            .await
            .expect("it is sent");
        let mut yes = Vec::new();
        while let Some((_, answer)) = answers.next().await {
            yes.extend(answer);
        }
        yes.sort();
        yes
    }
}

impl<N> Between<Peer<N>> for Handler
where
    N: sio_types::Namespace<ServerToClient = dyn ServerToClient, SocketData = String>,
{
    async fn banned(&self, node: Peer<N>, name: String) {
        for socket in node.sockets() {
            if *socket.data() == name {
                socket.disconnect();
            }
        }
    }

    async fn load(&self, node: Peer<N>) -> u32 {
        node.sockets().len().try_into().expect("a few")
    }
}

impl<N> Lifecycle<N> for Handler
where
    N: sio_types::Namespace<
            ServerToClient = dyn ServerToClient,
            Auth = Credentials,
            SocketData = String,
            ConnectErrorData = Refused,
        >,
{
    async fn authenticate(
        &self,
        handshake: &Handshake<N>,
        credentials: Credentials,
    ) -> Result<String, ConnectError<Refused>> {
        match &*credentials.name {
            "later" => Err(ConnectError::new("too early").with_data(Refused { retry_after: 5 })),
            "nobody" => Err(ConnectError::new("who is that?")),
            "handshake" => {
                let header = handshake.headers().get("x-agent");
                let header = header.and_then(|it| it.to_str().ok()).unwrap_or_default();
                let query = handshake.query("page").unwrap_or_default();
                Ok(format!("{header} {query}"))
            }
            _ => Ok(credentials.name),
        }
    }
}

fn app(builder: sio_types::Builder) -> (axum::Router, SocketIo) {
    let (layer, io) = builder.build_layer();
    io.mount::<Chat, _>(Handler).expect("mounted once");
    io.mount::<Workspace, _>(Handler).expect("mounted once");
    (axum::Router::new().layer(layer), io)
}

fn credentials(name: &str) -> Credentials {
    let name = name.to_owned();
    Credentials { name }
}

fn picture() -> Picture {
    Picture {
        name: "a dot".to_owned(),
        bytes: Some(Binary::from(vec![0, 159, 255])),
        size: 0.1,
    }
}

const PARSERS: [Parser; 2] = [Parser::Common, Parser::Msgpack];

/// Creates a server with a parser, and two connections to it.
async fn server(parser: Parser) -> Result<(SocketIo, [Connection; 2]), Box<dyn Error>> {
    let (app, io) = app(SocketIo::builder().parser(parser));
    let open = || Connection::builder().parser(parser).open(&app);
    Ok((io, [open().await?, open().await?]))
}

#[tokio::test]
async fn events_and_acknowledgements_are_typed_with_both_parsers() -> Outcome {
    for parser in PARSERS {
        let (_io, [first, second]) = server(parser).await?;
        let ada = first.connect(Chat, credentials("ada")).await?;
        let bob = second.connect(Chat, credentials("bob")).await?;
        assert_eq!(ada.emit().post("hello").await?, Ok(1));
        assert_eq!(ada.emit().post("").await?, Err(PostError::Empty));
        ada.emit().say("again").await?;
        bob.expect().posted("ada", "hello").await?;
        bob.expect().posted("ada", "again").await?;
        assert_eq!(ada.emit().draw(picture()).await?, picture());
        ada.expect().picture(picture()).await?;
        ada.expect_nothing().await?;
        bob.expect_nothing().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_share_one_client() -> Outcome {
    for parser in PARSERS {
        let (_io, [connection, _]) = server(parser).await?;
        let ada = Arc::new(connection.connect(Chat, credentials("ada")).await?);
        let draws = (0..4).map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let drawn = ada.emit().draw(picture()).await;
                    assert_eq!(drawn, Ok(picture()));
                }
            })
        });
        for draws in draws.collect::<Vec<_>>() {
            draws.await?;
        }
        assert_eq!(ada.received().await?.len(), 200);
    }
    Ok(())
}

#[tokio::test]
async fn client_acknowledges_server_events() -> Outcome {
    for parser in PARSERS {
        let (_io, [connection, _]) = server(parser).await?;
        let ada = connection.connect(Chat, credentials("ada")).await?;
        ada.emit().ask().await?;
        ada.expect().confirm("Sure?").await?.answer(true)?;
        ada.expect().seen().await?.answer(())?;
        ada.expect().outcome("Ok(true) Ok(())").await?;

        for answer in [Ok(picture()), Err(PostError::Empty)] {
            ada.emit().vote("lunch").await?;
            let on = expect_event!(ada, ServerToClientEvent::Vote { on } => on);
            ada.expect_with_ack().vote(on)?.answer(&answer)?;
            let expected = format!("{:?}", Ok::<_, ()>(&answer));
            ada.expect().outcome(expected).await?;
        }
        let twice = ada.expect_with_ack().vote("lunch").map(drop);
        assert!(
            twice
                .expect_err("it is answered")
                .to_string()
                .contains("no such event waits")
        );

        ada.emit().vote("lunch").await?;
        let question = ada.expect().vote("lunch").await?;
        question.answer_raw(serde_json::json!({ "status": "ok" }))?;
        let outcome = expect_event!(ada, ServerToClientEvent::Outcome { outcome } => outcome);
        assert!(outcome.contains("Decode"), "{outcome}");
    }
    Ok(())
}

#[tokio::test]
async fn rejected_client_gets_the_connect_error() -> Outcome {
    for parser in PARSERS {
        let (_io, [connection, _]) = server(parser).await?;
        let refused = connection.connect(Chat, credentials("later")).await;
        let refused = refused.expect_err("it is refused");
        let refusal = refused.refusal().expect("by the server");
        assert_eq!(refusal.message(), "too early");
        assert_eq!(refusal.data(), Some(&Refused { retry_after: 5 }));
        let refused = connection.connect(Chat, credentials("nobody")).await;
        let refused = refused.expect_err("it is refused");
        assert_eq!(refused.refusal().expect("by the server").data(), None);
        let auth = serde_json::json!({ "name": 5 });
        let refused = connection.connect_raw(Chat, auth).await;
        assert!(refused.expect_err("it is refused").refusal().is_some());
        // The failed attempt leaves no trace on the connection.
        connection.connect(Chat, credentials("ada")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn connects_to_any_service() -> Outcome {
    let (layer, io) = SocketIo::builder().build_layer();
    io.mount::<Chat, _>(Handler)?;
    let (service, other_io) = SocketIo::builder().build_service();
    other_io.mount::<Chat, _>(Handler)?;
    let clients = [
        Client::connect(&layer, Chat, credentials("ada")).await?,
        Client::connect(&service, Chat, credentials("ada")).await?,
    ];
    for (client, io) in clients.iter().zip([io, other_io]) {
        assert_eq!(client.emit().post("hello").await?, Ok(0));
        assert!(io.of(Chat).get_socket(client.id()).is_some());
    }
    let nothing = Client::connect(&axum::Router::new(), Chat, credentials("ada")).await;
    let nothing = nothing.expect_err("there is no server").to_string();
    assert!(nothing.contains("404"), "{nothing}");
    Ok(())
}

#[tokio::test]
async fn connection_has_several_namespaces_and_a_handshake() -> Outcome {
    let (app, _io) = app(SocketIo::builder().req_path("/live"));
    let connection = Connection::builder()
        .path("/live")
        .header("x-agent", "a test")
        .query("page", "1 & 2");
    let connection = connection.open(&app).await?;
    let chat = connection.connect(Chat, credentials("handshake")).await?;
    let of = |tenant: &str| Workspace {
        tenant: tenant.to_owned(),
    };
    let acme = connection.connect(of("acme/1"), credentials("ada")).await?;
    let other = connection.connect(of("other"), credentials("ada")).await?;
    let twice = connection.connect(Chat, credentials("ada")).await;
    assert!(
        twice.is_err(),
        "Socket.IO has one socket of a namespace for each connection"
    );
    let listener = Client::connect(&app, Chat, credentials("bob")).await;
    assert!(listener.is_err(), "the server is at another path");

    let second = Connection::builder().path("/live").open(&app).await?;
    let bob = second.connect(of("acme/1"), credentials("bob")).await?;
    let eve = second.connect(Chat, credentials("eve")).await?;
    acme.emit().say("to acme").await?;
    other.emit().say("to nobody").await?;
    chat.emit().say("to all").await?;
    bob.expect().posted("ada", "to acme").await?;
    eve.expect().posted("a test 1 & 2", "to all").await?;
    bob.expect_nothing().await?;
    Ok(())
}

#[tokio::test]
async fn client_has_an_address() -> Outcome {
    let limits = Limits::default().connections_per_address(1);
    let (app, _io) = app(SocketIo::builder().limits(limits));
    let here = Connection::open(&app).await?;
    let again = Connection::open(&app).await.expect_err("there is one");
    assert!(again.to_string().contains("429"), "{again}");
    let elsewhere = Connection::builder().address(([192, 0, 2, 1], 5000));
    elsewhere.open(&app).await?;
    here.connect(Chat, credentials("ada")).await?;
    Ok(())
}

#[tokio::test]
async fn only_events_of_the_test_count_against_a_rate() -> Outcome {
    let limits = Limits::default().events(Rate::per_hour(5));
    let (app, io) = app(SocketIo::builder().limits(limits));
    let ada = Client::connect(&app, Chat, credentials("ada")).await?;
    for _ in 0..5 {
        ada.emit().say("hello").await?;
        ada.expect_nothing().await?;
    }
    assert_eq!(io.of(Chat).rejected_count(), 0);
    let rejected = ada.emit().post("hello").await.expect_err("it is one more");
    let code = rejected.rejection().map(|rejection| rejection.code);
    assert_eq!(code, Some(RejectionCode::RateLimited));
    Ok(())
}

#[tokio::test]
async fn rejections_are_reported() -> Outcome {
    for parser in PARSERS {
        let (io, [connection, _]) = server(parser).await?;
        let ada = connection.connect(Chat, credentials("ada")).await?;
        let rejection = ada.emit_raw("post", [5.into()]).rejection().await?;
        assert_eq!(rejection.code, RejectionCode::InvalidPayload);
        let failure = ada.emit().panics().await.expect_err("it panics");
        let code = failure.rejection().map(|rejection| rejection.code);
        assert_eq!(code, Some(RejectionCode::Panicked));
        let answer = ada.emit_raw("post", ["hello".into()]).ask().await?;
        assert_eq!(answer, [serde_json::json!({ "status": "ok", "data": 0 })]);
        let handled = ada.emit_raw("post", ["hello".into()]).rejection().await;
        let handled = handled.expect_err("it is handled").to_string();
        assert!(
            handled.contains("it was acknowledged with `0`"),
            "{handled}"
        );

        assert_eq!(io.of(Chat).rejected_count(), 2);
        // The client receives no reply to these. The server has rejected them when `send` returns.
        ada.emit_raw("nothing", []).send().await?;
        ada.emit_raw("say", [serde_json::Value::Null])
            .send()
            .await?;
        assert_eq!(io.of(Chat).rejected_count(), 4);
    }
    Ok(())
}

#[tokio::test]
async fn failure_lists_received_events() -> Outcome {
    let (app, _io) = app(SocketIo::builder());
    let ada = Client::connect(&app, Chat, credentials("ada")).await?;
    ada.emit().draw(picture()).await?;
    ada.emit().burst(2).await?;
    ada.expect().picture(picture()).await?;
    let failure = ada.expect().outcome("1").await.expect_err("0 comes first");
    let told = failure.to_string();
    let (first, before) = told.rsplit_once('\n').expect("several lines");
    assert_eq!(
        first,
        "expected `outcome(\"1\")`, but received `outcome(\"0\")`\nearlier events:"
    );
    // The order of the keys of an object depends on serde_json.
    for part in [
        "  picture({",
        r#""bytes":{"_binary":[0,159,255]}"#,
        r#""name":"a dot""#,
    ] {
        assert!(before.contains(part), "{before}");
    }
    let failure = ada.expect_nothing().await.expect_err("1 is there");
    assert!(
        failure
            .to_string()
            .starts_with("expected no event, but received `outcome(\"1\")`"),
        "{failure}"
    );

    ada.emit().burst(3).await?;
    let third = ada.until(|event| match event {
        ServerToClientEvent::Outcome { outcome } if outcome == "2" => Some(outcome),
        _ => None,
    });
    assert_eq!(third.await?, "2");

    ada.emit().burst(1).await?;
    let unmatched = tokio::spawn(async move {
        expect_event!(ada, ServerToClientEvent::Posted { .. });
    });
    let panic = unmatched.await.expect_err("it panics").into_panic();
    let panic = panic.downcast_ref::<String>().expect("a message");
    assert!(
        panic.starts_with("expected `ServerToClientEvent::Posted { .. }`, but received `outcome("),
        "{panic}"
    );
    Ok(())
}

#[tokio::test]
async fn expect_nothing_waits_for_all_sent_events() -> Outcome {
    // More than the server buffers for a connection: even the answer of a round trip may find no room.
    for count in [1, 100, 128, 129, 5000] {
        let (app, _io) = app(SocketIo::builder());
        let ada = Client::connect(&app, Chat, credentials("ada")).await?;
        ada.emit().burst(count).await?;
        let came = ada.received().await?;
        assert_eq!(came.len(), usize::try_from(count)?);
        ada.expect_nothing().await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn paused_clock_skips_waits() -> Outcome {
    let (app, io) = app(SocketIo::builder());
    let ada = Client::connect(&app, Chat, credentials("ada")).await?;
    let failure = ada.next().await.err().expect("nothing is sent");
    assert_eq!(
        *failure.problem(),
        Problem::TimedOut(Duration::from_secs(5))
    );
    // The server sends heartbeats, and waits an hour for answers unless the client sends them.
    ada.emit().later("still here").await?;
    ada.expect_nothing().await?;
    tokio::time::sleep(Duration::from_secs(3601)).await;
    ada.expect().outcome("still here").await?;

    // The server's own timeout.
    ada.emit().ask().await?;
    drop(ada.expect().confirm("Sure?").await?);
    tokio::time::sleep(Duration::from_secs(6)).await;
    ada.expect().seen().await?.answer(())?;
    ada.expect().outcome("Err(Timeout) Ok(())").await?;
    assert_eq!(io.of(Chat).sockets().len(), 1);
    Ok(())
}

#[tokio::test]
async fn client_disconnects_and_reconnects() -> Outcome {
    let (app, io) = app(SocketIo::builder());
    let mut ada = Client::connect(&app, Chat, credentials("ada")).await?;
    let count = || io.of(Chat).sockets().len();

    ada.disconnect().await?;
    assert_eq!(count(), 0);
    assert_eq!(ada.disconnected().await?, Disconnected::ByClient);
    let failure = ada.emit().post("hello").await.expect_err("it is gone");
    assert_eq!(
        *failure.problem(),
        Problem::Disconnected(Disconnected::ByClient)
    );
    ada.reconnect().await?;
    assert_eq!(ada.emit().post("hello").await?, Ok(0));

    ada.emit().kick().await?;
    assert_eq!(ada.disconnected().await?, Disconnected::ByServer);
    ada.reconnect().await?;

    ada.abort();
    assert_eq!(ada.disconnected().await?, Disconnected::ConnectionLost);
    ada.reconnect().await?;
    assert_eq!(ada.emit().members().await?, Vec::<String>::new());

    io.close().await;
    assert_ne!(ada.disconnected().await?, Disconnected::ByClient);
    Ok(())
}

/// Two servers of one hub, with a client each.
struct Cluster {
    hub: Hub,
    io: [SocketIo; 2],
    ada: Client<Chat>,
    bob: Client<Chat>,
}

impl Cluster {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let hub = Hub::new();
        let node = || {
            let heartbeat = Duration::from_millis(50);
            let cluster = hub.cluster().heartbeat(heartbeat, heartbeat * 100);
            app(SocketIo::builder().cluster(cluster))
        };
        let (first, first_io) = node();
        let (second, second_io) = node();
        let ada = Client::connect(&first, Chat, credentials("ada")).await?;
        let bob = Client::connect(&second, Chat, credentials("bob")).await?;
        let io = [first_io, second_io];
        Ok(Self { hub, io, ada, bob })
    }
}

#[tokio::test]
async fn hub_connects_servers() -> Outcome {
    let Cluster { hub, io, ada, bob } = Cluster::start().await?;
    ada.emit().say("hello").await?;
    bob.expect().posted("ada", "hello").await?;
    assert_eq!(ada.emit().members().await?, ["bob"]);
    assert_eq!(io[0].of(Chat).count().await?, 2);
    assert_eq!(ada.emit().loads().await?, Ok(vec![1]));
    let poll = ada.emit().poll("lunch?");
    bob.expect().confirm("lunch?").await?.answer(true)?;
    assert_eq!(poll.await?, [true]);

    io[0].of(Chat).join("lobby").await?;
    hub.settled().await?;
    io[1].of(Chat).room("lobby").emit().outcome("moved").await?;
    ada.expect().outcome("moved").await?;
    bob.expect().outcome("moved").await?;

    assert_eq!(ada.emit().ban("bob").await?, Ok(()));
    assert_eq!(bob.disconnected().await?, Disconnected::ByServer);
    ada.expect_nothing().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settled_waits_for_messages_between_servers() -> Outcome {
    let Cluster { hub, ada, bob, .. } = Cluster::start().await?;
    for _ in 0..100 {
        ada.emit().say("hello").await?;
        hub.settled().await?;
        assert_eq!(bob.received().await?.len(), 1);
        assert_eq!(bob.received().await?.len(), 0);
    }
    Ok(())
}

#[tokio::test]
async fn cut_server_is_removed_and_returns() -> Outcome {
    let Cluster { hub, io, ada, bob } = Cluster::start().await?;
    hub.settled().await?;
    let others = io[0].cluster().others().await;
    assert_eq!(others.len(), 1);
    hub.cut(&io[1]);
    assert!(!io[1].cluster().is_connected());
    assert!(io[0].cluster().is_connected());
    ada.emit().say("anybody?").await?;
    bob.emit().say("nobody?").await?;
    hub.settled().await?;
    ada.expect_nothing().await?;
    bob.expect_nothing().await?;
    assert!(io[1].cluster().dropped_messages() > 0);
    let servers = io[0].of(Chat).servers().timeout(Duration::from_millis(50));
    let Err(ServersError::Incomplete { missing, .. }) = servers.emit().load().await else {
        panic!("the other server cannot answer");
    };
    assert_eq!(missing, others);

    hub.heal(&io[1]);
    hub.settled().await?;
    ada.emit().say("there you are").await?;
    bob.expect().posted("ada", "there you are").await?;
    assert_eq!(ada.emit().loads().await?, Ok(vec![1]));
    Ok(())
}
