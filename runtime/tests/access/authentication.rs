//! Authentication: a client has no access before `authenticate` has decided, and learns of a panic immediately.

use std::{
    borrow::Cow,
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sio_types::{Parser, Rejected, prelude::*};
use sio_types_test_support::{
    logs::Logs,
    node,
    raw_client::{WEBSOCKET, WebSocket},
    server::{self, Server},
    until,
};
use tokio::sync::Notify;

const SECRET: &str = "the secret of a panic";

fn panic_if(is_so: bool) {
    assert!(!is_so, "{SECRET}");
}

/// A text whose serialization and deserialization fail if it is a bad one.
#[derive(Clone, Default)]
pub struct Fragile(String);

impl<'de> Deserialize<'de> for Fragile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        panic_if(text == "unreadable");
        Ok(Self(text))
    }
}

impl Serialize for Fragile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        panic_if(self.0 == "unwritable");
        self.0.serialize(serializer)
    }
}

impl JsonSchema for Fragile {
    fn schema_name() -> Cow<'static, str> {
        "Fragile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A path parameter that fails to parse if it is a bad one.
#[derive(Clone)]
pub struct Name(String);

impl FromStr for Name {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        panic_if(text == "unreadable");
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Selects where the handler panics.
#[payload]
#[derive(Clone)]
pub struct Plan {
    how: Fragile,
}

/// Socket data that counts as a reference to the socket until everything about the socket is dropped.
#[payload]
#[derive(Clone)]
pub struct Data {
    how: String,
    #[serde(skip)]
    _presence: Arc<()>,
}

impl Drop for Data {
    fn drop(&mut self) {
        panic_if(self.how == "drop");
    }
}

#[events]
pub trait ServerToClient {
    fn note(text: String);
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn note(text: Fragile);
    fn buy(text: String) -> Result<String, String>;
}

#[derive(Events)]
#[events(
    namespace = "/rooms/{name}",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    auth = Plan,
    socket_data = Data,
    connect_error = Fragile,
)]
pub struct Rooms {
    name: Name,
}

#[derive(Clone, Default)]
struct Handler {
    presence: Arc<()>,
    log: Arc<Mutex<Vec<String>>>,
    /// Notification that a slow `authenticate` or `connected` waits for.
    release: Arc<Notify>,
}

impl Handler {
    fn note(&self, line: impl Into<String>) {
        let mut log = self.log.lock().expect("no panic holds it");
        log.push(line.into());
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().expect("no panic holds it").clone()
    }

    fn has(&self, line: &str) -> bool {
        self.log().iter().any(|known| known == line)
    }

    fn listen(&self, socket: &Socket<Rooms>) {
        let how = socket.data().how.clone();
        let is_listener = how == "listener";
        socket.on_any(move |_| panic_if(is_listener));
        socket.on_any_outgoing(move |_| panic_if(is_listener));
        socket.use_middleware(move |_| {
            panic_if(how == "middleware");
            let how = how.clone();
            async move {
                panic_if(how == "late middleware");
                Ok(())
            }
        });
    }
}

impl ClientToServer<Socket<Rooms>> for Handler {
    async fn alive(&self, _: Socket<Rooms>) {}

    async fn note(&self, _: Socket<Rooms>, text: Fragile) {
        self.note(text.0);
    }

    async fn buy(&self, socket: Socket<Rooms>, text: String) -> Result<String, String> {
        socket
            .emit()
            .note("sold")
            .map_err(|error| error.to_string())?;
        Ok(text)
    }
}

impl Lifecycle<Rooms> for Handler {
    async fn authenticate(
        &self,
        handshake: &Handshake<Rooms>,
        auth: Plan,
    ) -> Result<Data, ConnectError<Fragile>> {
        let how = auth.how.0;
        panic_if(how == "authenticate");
        if how.starts_with("slow") {
            self.note("authenticates");
            self.release.notified().await;
            self.note("authenticated");
        }
        if how == "expired" {
            handshake.expires_in(Duration::ZERO);
        }
        if how == "unwritable" || how.ends_with("refused") {
            return Err(ConnectError::new("no").with_data(Fragile(how)));
        }
        let presence = self.presence.clone();
        Ok(Data {
            how,
            _presence: presence,
        })
    }

    async fn connected(&self, socket: Socket<Rooms>) {
        let how = &socket.data().how;
        panic_if(how == "connected");
        if how != "good" {
            self.note("connected");
        }
        if matches!(how.as_str(), "listener" | "middleware" | "late middleware") {
            self.listen(&socket);
        }
        if how == "early" {
            self.release.notified().await;
        }
    }

    async fn disconnected(&self, socket: Socket<Rooms>, _: DisconnectReason) {
        panic_if(socket.data().how == "disconnected");
    }

    async fn expired(&self, _: Socket<Rooms>) {
        panic!("{SECRET}");
    }

    fn rejected(&self, socket: &Socket<Rooms>, _: &Rejected) {
        panic_if(socket.data().how == "rejected");
    }
}

struct Running {
    server: Server,
    handler: Handler,
}

impl Running {
    async fn start() -> Self {
        let handler = Handler::default();
        let server = server::serve(SocketIo::builder(), |io| {
            io.mount::<Rooms, _>(handler.clone()).expect("mounted once");
        })
        .await;
        Self { server, handler }
    }

    async fn open(&self) -> WebSocket {
        let opened = WebSocket::open(self.server.address, WEBSOCKET, &[]).await;
        let mut client = opened.expect("let in");
        client.until(|told| told.starts_with("0{")).await;
        client
    }

    /// Connects a client to a namespace, and returns it with the server's reply.
    async fn enter(&self, name: &str, how: &str) -> (WebSocket, String) {
        let mut client = self.open().await;
        client.send(&enter(name, how)).await;
        let told = client.message().await.expect("a word");
        (client, told)
    }

    fn sockets(&self) -> Vec<Socket<Rooms>> {
        self.server.io.all::<Rooms>().sockets()
    }

    /// Waits until every socket is dropped.
    async fn is_empty(&self) {
        until("nothing is left of any socket", async || {
            // One reference belongs to the test, the other to the mounted handler.
            self.sockets().is_empty() && Arc::strong_count(&self.handler.presence) == 2
        })
        .await;
    }
}

fn enter(name: &str, how: &str) -> String {
    format!(r#"40/rooms/{name},{{"how":"{how}"}}"#)
}

const INTERNAL_ERROR: &str = r#"44/rooms/a,{"message":"internal error"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn panic_during_connect_is_reported_immediately() {
    let logs = Logs::share();
    let running = Running::start().await;
    let (mut bystander, _) = running.enter("a", "good").await;
    for how in ["unreadable", "authenticate", "unwritable"] {
        let (client, told) = running.enter("a", how).await;
        assert_eq!(told, INTERNAL_ERROR, "{how}");
        drop(client);
    }
    let (mut client, told) = running.enter("unreadable", "good").await;
    assert_eq!(told, INTERNAL_ERROR.replace("/a", "/unreadable"));
    // The client can try again on the same connection.
    client.send(&enter("a", "good")).await;
    client.until(|told| told.starts_with("40/rooms/a,")).await;
    bystander.send(r#"42/rooms/a,1["alive"]"#).await;
    bystander.until(|told| told == "43/rooms/a,1[]").await;
    for expected in [
        "client rejected: decoding `auth`",
        "`authenticate` hook panicked",
        SECRET,
    ] {
        assert!(logs.contain(expected), "`{expected}` is not in\n{logs}");
    }
    drop((client, bystander));
    running.is_empty().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn panicking_hook_leaves_no_socket() {
    let logs = Logs::share();
    let running = Running::start().await;
    for how in ["connected", "expired"] {
        let (mut client, told) = running.enter("a", how).await;
        assert!(told.starts_with(r#"40/rooms/a,{"sid""#), "{told}");
        client.until(|told| told == "41/rooms/a,").await;
        // The connection is still usable.
        client.send(&enter("b", "good")).await;
        client.until(|told| told.starts_with("40/rooms/b,")).await;
    }
    // A panic while a client disconnects does not keep the client in any of its namespaces.
    for how in ["disconnected", "drop"] {
        let (mut client, _) = running.enter("a", how).await;
        for name in ["b", "c"] {
            client.send(&enter(name, how)).await;
            client
                .until(|told| told.starts_with(&format!("40/rooms/{name},")))
                .await;
        }
        drop(client);
        running.is_empty().await;
    }
    for expected in [
        "`connected` hook panicked",
        "`expired` hook panicked",
        "`disconnected` hook panicked",
        "destructor panicked",
    ] {
        assert!(logs.contain(expected), "`{expected}` is not in\n{logs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn panic_beside_a_handler_does_not_affect_other_events() {
    let logs = Logs::share();
    let running = Running::start().await;
    let rejected =
        r#"{"status":"rejected","reason":{"code":"panicked","message":"internal error"}}"#;
    for (how, expected) in [
        ("listener", r#"{"status":"ok","data":"a"}"#),
        ("middleware", rejected),
        ("late middleware", rejected),
        ("rejected", r#"{"status":"ok","data":"a"}"#),
    ] {
        let (mut client, _) = running.enter("a", how).await;
        client.send(r#"42/rooms/a,["unknown"]"#).await;
        client.send(r#"42/rooms/a,["note","unreadable"]"#).await;
        client.send(r#"42/rooms/a,7["buy","a"]"#).await;
        let told = client.until(|told| told.starts_with("43")).await;
        assert_eq!(told, format!("43/rooms/a,7[{expected}]"), "{how}");
        drop(client);
        running.is_empty().await;
    }
    for expected in [
        "`on_any` listener panicked",
        "`on_any_outgoing` listener panicked",
        "`rejected` hook panicked",
        "event dispatch panicked",
    ] {
        assert!(logs.contain(expected), "`{expected}` is not in\n{logs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn panicking_event_does_not_block_waiting_events() {
    let running = Running::start().await;
    let (mut client, _) = running.enter("a", "early").await;
    client.send(r#"42/rooms/a,["note","unreadable"]"#).await;
    client.send(r#"42/rooms/a,["note","readable"]"#).await;
    client.send(r#"42/rooms/a,8["alive"]"#).await;
    until("it connects", async || {
        running.handler.log() == ["connected"]
    })
    .await;
    running.handler.release.notify_one();
    client.until(|told| told == "43/rooms/a,8[]").await;
    assert_eq!(running.handler.log(), ["connected", "readable"]);
    drop(client);
    running.is_empty().await;
}

/// Packets that a client sends without being authenticated, or before authentication has finished.
const ATTEMPTS: [&str; 5] = [
    r#"42/rooms/a,["note","early"]"#,
    r#"42/rooms/a,1["buy","early"]"#,
    r#"43/rooms/a,1["early"]"#,
    "41/rooms/a,",
    r#"44/rooms/a,{"message":"early"}"#,
];

#[tokio::test(flavor = "multi_thread")]
async fn no_events_before_authentication() {
    for how in ["slow", "slow and refused"] {
        let running = Running::start().await;
        let mut client = begin(&running, how, "3").await;
        running.handler.release.notify_one();
        let told = client.message().await;
        let expected = if how == "slow" { "40" } else { "44" };
        assert!(told.is_some_and(|told| told.starts_with(expected)));
        for attempt in ATTEMPTS {
            let running = Running::start().await;
            // The client is not in the namespace yet, so its packet ends the connection.
            begin(&running, how, attempt).await.end().await;
            running.handler.release.notify_one();
            until("it ends", async || running.handler.has("authenticated")).await;
            running.is_empty().await;
            let log = running.handler.log();
            let handled = |line: &String| line.contains("early") || line == "sold";
            assert!(!log.iter().any(handled), "{log:?}");
            // A client that leaves at the moment of its authentication may have been connected for an instant.
            let is_in = running.handler.has("connected");
            assert!(how == "slow" || !is_in, "{attempt} {log:?}");
        }
    }
}

/// Connects a client that sends a packet while `authenticate` is pending.
async fn begin(running: &Running, how: &str, attempt: &str) -> WebSocket {
    let Running { server, handler } = running;
    let (mut member, _) = running.enter("a", "good").await;
    until("it connects", async || running.sockets().len() == 1).await;
    let mut client = running.open().await;
    client.send(&enter("a", how)).await;
    until("it begins", async || handler.has("authenticates")).await;
    // A second connection attempt does not start, and the packets have no effect.
    client.send(&enter("a", "good")).await;
    for _ in 0..20 {
        client.send(attempt).await;
    }
    // Broadcasts to the namespace do not reach the client.
    let all = server.io.all::<Rooms>();
    assert_eq!(all.clone().sockets().len(), 1, "{attempt}");
    all.emit().note("for members").await.expect("it is sent");
    member.until(|told| told.contains("for members")).await;
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_client_cannot_send_events() {
    let running = Running::start().await;
    for attempt in ATTEMPTS {
        let (mut client, told) = running.enter("a", "refused").await;
        assert_eq!(
            told,
            r#"44/rooms/a,{"message":"{\"message\":\"no\",\"data\":\"refused\"}"}"#
        );
        client.send(attempt).await;
        client.end().await;
    }
    assert_eq!(running.handler.log(), Vec::<String>::new());
    running.is_empty().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn official_client_is_notified_of_a_panic() {
    let running = Running::start().await;
    for parser in [Parser::Common] {
        node::run_client("authentication.mjs", running.server.address, parser).await;
    }
    running.is_empty().await;
}
