//! Events on the direct path from the frame to their handler behave exactly like those that the engine passes on.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use engineioxide::service::NotFoundService;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use proptest::{prelude::*, sample::select, test_runner::TestCaseResult};
use sio_types::{Builder, Limits, Parser, Rejected, SocketIoService, prelude::*};
use sio_types_test_support::{
    node,
    raw_client::{
        BINARY, CLOSE, CONTINUATION, FINAL, PING, POLLING, PONG, TEXT, WEBSOCKET, WebSocket,
        encode_request, field, frame, frame_length, receive, text_frame,
    },
    server, until, within,
};
use tokio::{
    io::{AsyncWriteExt, DuplexStream, duplex},
    sync::Notify,
};

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn note(text: String);
    fn add(left: u32, right: u32) -> u32;
    fn buy(count: u32) -> Result<u32, String>;
    fn bytes(bytes: Binary) -> u32;
    fn number(number: u32) -> u32;
    fn numbers() -> Vec<u32>;
    fn wait();
    fn panics();
    /// From now on, a listener receives all events.
    fn listen();
    /// From now on, all events pass a middleware.
    fn guard();
    fn leave();
}

#[derive(Events)]
#[events(namespace = "/", client_to_server = ClientToServer, socket_data = Presence)]
pub struct Root;

#[derive(Events)]
#[events(namespace = "/chat", client_to_server = ClientToServer, socket_data = Presence)]
pub struct Chat;

/// Socket data that counts as a reference to the socket until everything about the socket is dropped.
#[payload]
#[derive(Clone, Default)]
pub struct Presence {
    #[serde(skip)]
    count: Arc<()>,
}

#[derive(Clone, Default)]
struct Handler {
    presence: Presence,
    log: Arc<Mutex<Vec<String>>>,
    numbers: Arc<Mutex<Vec<u32>>>,
    /// Notification that `wait` waits for.
    release: Arc<Notify>,
    delay: Duration,
}

impl Handler {
    fn note(&self, line: String) {
        self.log.lock().expect("no panic holds it").push(line);
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().expect("no panic holds it").clone()
    }
}

impl<N> ClientToServer<Socket<N>> for Handler
where
    N: sio_types::Namespace<ClientToServer = dyn ClientToServer>,
{
    async fn alive(&self, _: Socket<N>) {}

    async fn note(&self, _: Socket<N>, text: String) {
        let path = N::PATTERN;
        self.note(format!("{path} note {text}"));
    }

    async fn add(&self, _: Socket<N>, left: u32, right: u32) -> u32 {
        self.note(format!("add {left} {right}"));
        left.wrapping_add(right)
    }

    async fn buy(&self, _: Socket<N>, count: u32) -> Result<u32, String> {
        self.note(format!("buy {count}"));
        count.checked_sub(1).ok_or_else(|| "nothing".to_owned())
    }

    async fn bytes(&self, _: Socket<N>, bytes: Binary) -> u32 {
        self.note(format!("bytes {bytes:?}"));
        bytes.len().try_into().expect("it is short")
    }

    async fn number(&self, _: Socket<N>, number: u32) -> u32 {
        let mut numbers = self.numbers.lock().expect("no panic holds it");
        numbers.push(number);
        number
    }

    async fn numbers(&self, _: Socket<N>) -> Vec<u32> {
        self.numbers.lock().expect("no panic holds it").clone()
    }

    async fn wait(&self, _: Socket<N>) {
        self.note("wait".to_owned());
        self.release.notified().await;
    }

    async fn panics(&self, _: Socket<N>) {
        self.note("panics".to_owned());
        panic!("the handler panics");
    }

    async fn listen(&self, socket: Socket<N>) {
        let this = self.clone();
        socket.on_any(move |event| this.note(format!("heard {}", event.name())));
    }

    async fn guard(&self, socket: Socket<N>) {
        let this = self.clone();
        socket.use_middleware(move |event| {
            this.note(format!("guarded {}", event.name()));
            async { Ok(()) }
        });
    }

    async fn leave(&self, socket: Socket<N>) {
        self.note("leave".to_owned());
        socket.disconnect();
    }
}

impl<N: sio_types::Namespace<Auth = (), SocketData = Presence, ConnectErrorData = ()>> Lifecycle<N>
    for Handler
{
    async fn authenticate(&self, _: &Handshake<N>, (): ()) -> Result<Presence, ConnectError> {
        tokio::time::sleep(self.delay).await;
        Ok(self.presence.clone())
    }

    async fn disconnected(&self, _: Socket<N>, _: DisconnectReason) {
        self.note(format!("{} disconnected", N::PATTERN));
    }

    fn rejected(&self, _: &Socket<N>, rejected: &Rejected) {
        self.note(format!("rejected {rejected:?}"));
    }
}

/// A server that is reached through memory.
struct Server {
    service: SocketIoService<NotFoundService>,
    io: SocketIo,
    handler: Handler,
}

impl Server {
    fn start(builder: Builder, handler: Handler) -> Self {
        let (service, io) = builder.build_service();
        io.mount::<Root, _>(handler.clone()).expect("mounted once");
        io.mount::<Chat, _>(handler.clone()).expect("mounted once");
        Self {
            service,
            io,
            handler,
        }
    }

    /// Opens an HTTP connection.
    fn connect(&self) -> DuplexStream {
        let (ours, theirs) = duplex(256 * 1024);
        let service = self.service.clone();
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(theirs), service);
            // The clients of these tests disappear without closing the connection.
            let _ = connection.with_upgrades().await;
        });
        ours
    }

    /// Sends a request over HTTP, and returns the body of its response.
    async fn request(&self, method: &str, query: &str, body: &str) -> String {
        let mut stream = self.connect();
        let request = encode_request(method, &format!("/socket.io/?{query}"), &[], body);
        stream.write_all(&request).await.expect("it is open");
        let response = receive(stream).await;
        assert_ne!(response.status, 0, "the head is not whole");
        response.body
    }

    /// Opens a WebSocket that does not answer heartbeats. Sends `first` together with the request.
    async fn websocket(&self, query: &str, first: &[u8]) -> WebSocket<DuplexStream> {
        let upgraded = WebSocket::upgrade(self.connect(), query, &[], first).await;
        let socket = upgraded.expect("the server accepts the upgrade");
        socket.without_heartbeats()
    }

    /// Opens a WebSocket that is connected to both namespaces.
    async fn client(&self, query: &str) -> WebSocket<DuplexStream> {
        let both = [text_frame("40"), text_frame("40/chat,")].concat();
        let mut client = self.websocket(query, &both).await;
        for _ in 0..2 {
            client.until(|message| message.starts_with("40")).await;
        }
        client
    }

    /// Opens a polling session that is connected to the root namespace.
    async fn polling(&self) -> String {
        let open = self.request("GET", POLLING, "").await;
        let session = field(&open, "sid");
        let query = format!("{POLLING}&sid={session}");
        assert_eq!(self.request("POST", &query, "40").await, "ok");
        let mut seen = String::new();
        while !seen.contains("40{") {
            seen.push_str(&self.request("GET", &query, "").await);
        }
        session
    }

    /// Waits until every socket is dropped.
    async fn is_empty(&self) {
        // One reference belongs to the test, and one to each namespace.
        until("no socket is left", async || {
            self.handler.release.notify_waiters();
            Arc::strong_count(&self.handler.presence.count) <= 3
        })
        .await;
        assert!(self.io.of(Root).sockets().is_empty());
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Encodes the same messages so that only the engine reads them: in two frames each, the second of which is empty.
fn for_engine(mut input: &[u8]) -> Vec<u8> {
    let mut output = Vec::new();
    while let Some(length) = masked_text(input) {
        let (whole, rest) = input.split_at(length);
        output.push(TEXT);
        output.extend_from_slice(&whole[1..]);
        output.extend(frame(FINAL | CONTINUATION, b"", Some([0; 4])));
        input = rest;
    }
    // The engine always handles messages that are not a single text frame, and everything after an unreadable frame.
    match frame_length(input) {
        Some(length) => {
            output.extend_from_slice(&input[..length]);
            output.extend(for_engine(&input[length..]));
        }
        None => output.extend_from_slice(input),
    }
    output
}

/// Returns the length of the text frame at the start of the input.
fn masked_text(input: &[u8]) -> Option<usize> {
    let is_text = *input.first()? == FINAL | TEXT && *input.get(1)? >= 0x80;
    frame_length(input).filter(|_| is_text)
}

const EVENT_WITH_BYTES: &str = r#"4517["bytes",{"_placeholder":true,"num":0}]"#;

/// Generates input of a well-behaved client.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    let mask = any::<[u8; 4]>().prop_map(Some);
    prop_oneof![
        12 => (packet(), mask.clone()).prop_map(|(packet, mask)| frame(FINAL | TEXT, packet.as_bytes(), mask)),
        3 => (packet(), prop::collection::vec(any::<prop::sample::Index>(), 1..4), any::<bool>())
            .prop_map(|(packet, cuts, pings)| fragmented(&packet, &cuts, pings)),
        1 => (select(vec![PING, PONG]), prop::collection::vec(any::<u8>(), 0..20), mask)
            .prop_map(|(kind, payload, mask)| frame(FINAL | kind, &payload, mask)),
        2 => prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| {
            let bytes = frame(FINAL | BINARY, &bytes, Some([9; 4]));
            [text_frame(&EVENT_WITH_BYTES.replace("4517", "451-7")), frame(FINAL | PING, b"", Some([0; 4])), bytes].concat()
        }),
        1 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(cut, pings)| {
            let header = fragmented(&EVENT_WITH_BYTES.replace("4517", "451-"), &[cut], pings);
            let bytes = [frame(BINARY, b"by", Some([9; 4])), frame(FINAL, b"tes", Some([9; 4]))].concat();
            [header, bytes].concat()
        }),
    ]
}

/// Generates input that ends the connection, or that is the last input that the server reads.
fn invalid() -> impl Strategy<Value = Vec<u8>> {
    let event = r#"42["note","last"]"#;
    let mask = Some([5, 6, 7, 8]);
    let header = EVENT_WITH_BYTES.replace("4517", "451-");
    let mut all = vec![
        frame(FINAL | TEXT, event.as_bytes(), None),
        frame(FINAL | TEXT | 0x40, event.as_bytes(), mask),
        frame(FINAL | TEXT | 0x10, event.as_bytes(), mask),
        frame(FINAL | CONTINUATION, event.as_bytes(), mask),
        frame(FINAL | 3, event.as_bytes(), mask),
        frame(FINAL | 11, event.as_bytes(), mask),
        frame(PING, b"", mask),
        frame(FINAL | CLOSE, &[3, 232], mask),
        frame(FINAL | TEXT, b"42[\"note\",\"\xff\"]", mask),
        frame(FINAL | BINARY, b"unexpected", mask),
        [&[FINAL | TEXT, 255][..], &[0x7f; 8], &[1; 4]].concat(),
        [&[FINAL | TEXT, 255][..], &[0xff; 8], &[1; 4]].concat(),
        [text_frame(&header), text_frame(event)].concat(),
        [
            frame(TEXT, &header.as_bytes()[..1], mask),
            frame(FINAL, &header.as_bytes()[1..], mask),
            text_frame(event),
        ]
        .concat(),
        [
            text_frame(&EVENT_WITH_BYTES.replace("4517", "452-")),
            frame(FINAL | BINARY, b"one", mask),
            text_frame(event),
        ]
        .concat(),
        [frame(TEXT, b"42[\"note\",", mask), text_frame(event)].concat(),
        text_frame(event)[..10].to_vec(),
        text_frame(event)[..1].to_vec(),
        [text_frame("41"), text_frame(event)].concat(),
        [text_frame(r#"42["leave"]"#), text_frame(event)].concat(),
        text_frame("1"),
        text_frame(""),
        text_frame("9"),
        text_frame("b4AAAA"),
        text_frame(r#"43["note"]"#),
        text_frame(r#"44["note"]"#),
        text_frame("42"),
        text_frame("42{}"),
        text_frame("42[1]"),
        text_frame(r#"42["note""#),
        text_frame(r#"42["note","last""#),
        text_frame(r#"42["n\u006fte","last"]"#),
        text_frame(r#"42["note\"","last"]"#),
        text_frame(r#"42/chat["note","last"]"#),
    ];
    all.push(Vec::new());
    select(all)
}

fn packet() -> impl Strategy<Value = String> {
    let contents = [
        r#"["note","a"]"#,
        r#"["note","\u0041\n\"ü€😀"]"#,
        r#"["note","a","more"]"#,
        r#"["note"]"#,
        r#"["note",7]"#,
        r#"["note","a"]x"#,
        r#"["note" , "a" ] "#,
        r#"[ "note","a"]"#,
        r#"["add",1,2]"#,
        r#"["add",1]"#,
        r#"["add",4294967296,0]"#,
        r#"["add",-1,1e2]"#,
        r#"["buy",0]"#,
        r#"["buy",2]"#,
        r#"["buy",{}]"#,
        r#"["wait"]"#,
        r#"["panics"]"#,
        r#"["listen"]"#,
        r#"["guard"]"#,
        r#"["unknown",1]"#,
        r#"["",1]"#,
    ];
    let long = prop_oneof![3_900_usize..4_200, 32_000_usize..33_000, Just(70_000)];
    let content = prop_oneof![
        20 => select(contents.to_vec()).prop_map(str::to_owned),
        1 => long.prop_map(|len| format!(r#"["note","{}"]"#, "x".repeat(len))),
    ];
    let namespaces = ["", "", "", "/chat,", "/nowhere,", "/,"];
    let ids = [
        "",
        "",
        "0",
        "7",
        "007",
        "9223372036854775807",
        "9223372036854775808",
    ];
    prop_oneof![
        20 => (select(namespaces.to_vec()), select(ids.to_vec()), content)
            .prop_map(|(namespace, id, content)| format!("42{namespace}{id}{content}")),
        1 => Just("3".to_owned()),
        1 => Just("431[true]".to_owned()),
        1 => Just("40".to_owned()),
    ]
}

/// Encodes a message in several frames.
fn fragmented(packet: &str, cuts: &[prop::sample::Index], pings: bool) -> Vec<u8> {
    let packet = packet.as_bytes();
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(packet.len())).collect();
    cuts.sort_unstable();
    let mut frames = Vec::new();
    let mut start = 0;
    let mut kind = TEXT;
    for cut in cuts {
        frames.extend(frame(kind, &packet[start..cut], Some([7; 4])));
        if pings {
            frames.extend(frame(FINAL | PING, b"?", Some([1; 4])));
        }
        start = cut;
        kind = CONTINUATION;
    }
    frames.extend(frame(FINAL | kind, &packet[start..], Some([7; 4])));
    frames
}

/// The server's handler calls and replies to a client's input.
#[derive(Debug, PartialEq)]
struct Outcome {
    log: Vec<String>,
    messages: Vec<String>,
}

async fn outcome(input: &[u8], sizes: &[usize], last: &[u8]) -> Outcome {
    let server = Server::start(SocketIo::builder(), Handler::default());
    let mut client = server.client(WEBSOCKET).await;
    let mut messages = Vec::new();
    let mut rest = input;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, more) = rest.split_at((*size).min(rest.len()));
        client.send_bytes(chunk).await;
        rest = more;
        tokio::task::yield_now().await;
    }
    // The answer to this event shows that the server has handled all previous input.
    client.send(r#"42999["alive"]"#).await;
    while let Some(message) = client.message().await {
        let is_last = message == "43999[]";
        messages.push(message);
        if is_last {
            break;
        }
    }
    client.send_bytes(last).await;
    client.stream.shutdown().await.expect("it is open");
    while let Some(message) = client.message().await {
        // The server sends a disconnect packet to a client that has closed its side only if there is time: a turn may
        // end before or after it.
        if message != "41" {
            messages.push(message);
        }
    }
    server.is_empty().await;
    let mut log = server.handler.log();
    // The socket leaves both namespaces at the same time.
    let handled = log.iter().position(|line| line.ends_with("disconnected"));
    log[handled.unwrap_or(0)..].sort_unstable();
    Outcome { log, messages }
}

fn compare(input: &[u8], sizes: &[usize], last: &[u8]) -> TestCaseResult {
    let runtime = runtime();
    let direct = runtime.block_on(outcome(input, sizes, last));
    let (input, last) = (for_engine(input), for_engine(last));
    let engine = runtime.block_on(outcome(&input, sizes, &last));
    prop_assert_eq!(direct, engine);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_the_engine(
        frames in prop::collection::vec(valid(), 0..24),
        sizes in prop_oneof![
            Just(vec![usize::MAX]),
            prop::collection::vec(1_usize..40, 1..9),
            prop::collection::vec(1_usize..5_000, 1..9),
        ],
        last in invalid(),
    ) {
        compare(&frames.concat(), &sizes, &last)?;
    }
}

async fn says(server: &Server, client: &mut WebSocket<DuplexStream>, message: &str) -> String {
    client.send(message).await;
    let answer = client.message().await;
    answer.unwrap_or_else(|| panic!("no answer to {message}: {:?}", server.handler.log()))
}

#[tokio::test]
async fn message_length_is_limited() {
    for is_for_engine in [false, true] {
        let way = |frames: &[u8]| match is_for_engine {
            true => for_engine(frames),
            false => frames.to_vec(),
        };
        let limits = Limits::default().max_payload(64);
        let server = Server::start(SocketIo::builder().limits(limits), Handler::default());
        let mut client = server.client(WEBSOCKET).await;
        let event = |len: usize| format!(r#"421["buy",{}1]"#, " ".repeat(len - 12));
        client.send_bytes(&way(&text_frame(&event(64)))).await;
        let answer = client.message().await;
        assert_eq!(answer.as_deref(), Some(r#"431[{"status":"ok","data":0}]"#));
        client.send_bytes(&way(&text_frame(&event(65)))).await;
        client.end().await;
        // The same event in several frames.
        let mut client = server.client(WEBSOCKET).await;
        let half = event(34);
        client
            .send_bytes(&frame(TEXT, half.as_bytes(), Some([1, 2, 3, 4])))
            .await;
        let rest = " ".repeat(31);
        client
            .send_bytes(&frame(
                FINAL | CONTINUATION,
                rest.as_bytes(),
                Some([1, 2, 3, 4]),
            ))
            .await;
        client.end().await;
        server.is_empty().await;
        let buys = server.handler.log();
        let buys = buys.iter().filter(|line| *line == "buy 1").count();
        assert_eq!(buys, 1);
    }
}

#[tokio::test]
async fn polling_request_length_is_limited() {
    let limits = Limits::default().max_payload(200);
    let server = Server::start(SocketIo::builder().limits(limits), Handler::default());
    let session = server.polling().await;
    let query = format!("{POLLING}&sid={session}");
    let body = |len: usize| format!(r#"421["buy",{}1]"#, " ".repeat(len - 12));
    assert_eq!(server.request("POST", &query, &body(200)).await, "ok");
    assert_ne!(server.request("POST", &query, &body(201)).await, "ok");
    server.is_empty().await;
}

#[tokio::test]
async fn attachments_are_limited() {
    let limits = Limits::default().attachments(1);
    let server = Server::start(SocketIo::builder().limits(limits), Handler::default());
    let mut client = server.client(WEBSOCKET).await;
    client
        .send(r#"451-1["bytes",{"_placeholder":true,"num":0}]"#)
        .await;
    client
        .send_bytes(&frame(FINAL | BINARY, &[1, 2, 3], Some([0; 4])))
        .await;
    let answer = client.message().await;
    assert_eq!(answer.as_deref(), Some("431[3]"));
    client
        .send(r#"452-1["bytes",{"_placeholder":true,"num":0}]"#)
        .await;
    client.end().await;
    server.is_empty().await;
}

#[tokio::test]
async fn flood_does_not_block_other_clients() {
    const COUNT: u32 = 5000;
    let server = Server::start(SocketIo::builder(), Handler::default());
    let mut bystander = server.client(WEBSOCKET).await;
    let mut flooder = server.client(WEBSOCKET).await;
    let flood: Vec<u8> = (0..COUNT)
        .flat_map(|number| text_frame(&format!(r#"42{number}["number",{number}]"#)))
        .collect();
    flooder.send_bytes(&flood).await;
    assert_eq!(
        says(&server, &mut bystander, r#"421["alive"]"#).await,
        "431[]"
    );
    let seen = server.handler.numbers.lock().expect("no panic").len();
    assert!(seen < COUNT as usize, "the others waited for all of it");
    for number in 0..COUNT {
        let answer = flooder.message().await;
        assert_eq!(answer, Some(format!("43{number}[{number}]")));
    }
    let seen = server.handler.numbers.lock().expect("no panic").clone();
    assert!(seen.into_iter().eq(0..COUNT), "out of order");
}

#[tokio::test]
async fn waiting_handler_blocks_neither_heartbeats_nor_events() {
    let builder = SocketIo::builder().ping_interval(Duration::from_millis(20));
    let server = Server::start(builder, Handler::default());
    let mut client = server.client(WEBSOCKET).await;
    // The server has already sent the first heartbeat.
    client.send("3").await;
    client.send(r#"42["wait"]"#).await;
    for _ in 0..5 {
        while client.frame().await.expect("it is open").1 != "2" {}
        client.send("3").await;
    }
    assert_eq!(says(&server, &mut client, r#"421["alive"]"#).await, "431[]");
    assert_eq!(server.handler.log(), ["wait"]);
    server.handler.release.notify_one();
    drop(client);
    server.is_empty().await;
}

#[tokio::test]
async fn closed_clients_release_everything() {
    let server = Server::start(SocketIo::builder(), Handler::default());
    let mut seen = Vec::new();
    for round in 0..60 {
        match round % 4 {
            0 => {
                let mut client = server.client(WEBSOCKET).await;
                assert_eq!(says(&server, &mut client, r#"421["alive"]"#).await, "431[]");
                client.send("41").await;
                client.send("40").await;
                client.until(|message| message.starts_with("40{")).await;
                seen.push(client);
            }
            1 => seen.push(server.client(WEBSOCKET).await),
            2 => {
                let session = server.polling().await;
                let query = format!("{POLLING}&sid={session}");
                server.request("POST", &query, "1").await;
            }
            _ => {
                let session = server.polling().await;
                seen.push(upgraded(&server, &session).await);
            }
        }
    }
    drop(seen);
    server.is_empty().await;
}

/// Upgrades a polling session to a WebSocket.
async fn upgraded(server: &Server, session: &str) -> WebSocket<DuplexStream> {
    let query = format!("{WEBSOCKET}&sid={session}");
    let mut client = server.websocket(&query, &text_frame("2probe")).await;
    assert_eq!(client.message().await.as_deref(), Some("3probe"));
    client.send("5").await;
    client
}

#[tokio::test]
async fn polling_is_upgraded_to_websocket() {
    for delay in [Duration::ZERO, Duration::from_millis(50)] {
        let handler = Handler {
            delay,
            ..Handler::default()
        };
        let server = Server::start(SocketIo::builder(), handler);
        let session = server.polling().await;
        let query = format!("{POLLING}&sid={session}");
        // The client connects to another namespace during the upgrade.
        let body = "42[\"number\",0]\u{1e}40/chat,\u{1e}42[\"number\",1]";
        server.request("POST", &query, body).await;
        let mut client = upgraded(&server, &session).await;
        // The server rejects the second upgrade of a session.
        let second = format!("{WEBSOCKET}&sid={session}");
        server
            .websocket(&second, &text_frame("2probe"))
            .await
            .end()
            .await;
        client.send(r#"42["number",2]"#).await;
        client.send(r#"420["number",3]"#).await;
        client.until(|message| message == "430[3]").await;
        let answer = says(&server, &mut client, r#"421["numbers"]"#).await;
        if answer.starts_with("40/chat,") {
            assert_eq!(client.message().await.as_deref(), Some("431[[0,1,2,3]]"));
        } else {
            assert_eq!(answer, "431[[0,1,2,3]]");
        }
        drop(client);
        server.is_empty().await;
    }
}

#[tokio::test]
async fn polling_continues_after_failed_upgrade() {
    let probe = text_frame("2probe");
    let garbage = text_frame(r#"42["note","early"]"#);
    let close = frame(FINAL | CLOSE, &[3, 232], Some([0; 4]));
    let stages: [&[u8]; 8] = [
        b"",
        &probe[..4],
        &garbage,
        &close,
        &probe,
        &[&probe[..], &text_frame("5")[..3]].concat(),
        &[&probe[..], &garbage].concat(),
        &[&probe[..], &close].concat(),
    ];
    for (stage, sent) in stages.into_iter().enumerate() {
        let server = Server::start(SocketIo::builder(), Handler::default());
        let session = server.polling().await;
        let query = format!("{WEBSOCKET}&sid={session}");
        let client = server.websocket(&query, sent).await;
        drop(client);
        still_polls(&server, &session).await;
        assert!(server.handler.log().is_empty(), "stage {stage}");
    }
}

#[tokio::test]
async fn polling_continues_after_abandoned_upgrade() {
    for sent in [Vec::new(), text_frame("2probe")] {
        let builder = SocketIo::builder();
        let builder = builder.raw(|raw| raw.upgrade_timeout(Duration::from_millis(50)));
        let server = Server::start(builder, Handler::default());
        let session = server.polling().await;
        let query = format!("{WEBSOCKET}&sid={session}");
        let mut client = server.websocket(&query, &sent).await;
        client.end().await;
        still_polls(&server, &session).await;
        assert!(server.handler.log().is_empty());
    }
}

/// Asserts that a session still answers by polling when the upgrade has failed.
async fn still_polls(server: &Server, session: &str) {
    let query = format!("{POLLING}&sid={session}");
    let posted = server.request("POST", &query, r#"421["alive"]"#).await;
    assert_eq!(posted, "ok");
    let answered = async {
        let mut seen = String::new();
        while !seen.contains("431[]") {
            seen.push_str(&server.request("GET", &query, "").await);
        }
    };
    within("an answer", answered).await;
}

#[tokio::test]
async fn invalid_upgrade_is_rejected() {
    let server = Server::start(SocketIo::builder(), Handler::default());
    for (query, expected) in [
        ("EIO=4&transport=websocket&sid=x", "Session ID unknown"),
        ("EIO=3&transport=websocket", "Unsupported protocol version"),
        ("EIO=4&transport=other", "Transport unknown"),
    ] {
        let response = server.request("GET", query, "").await;
        assert!(response.contains(expected), "{query}: {response}");
    }
    let builder = SocketIo::builder().transports([sio_types::TransportType::Polling]);
    let server = Server::start(builder, Handler::default());
    let response = server.request("GET", WEBSOCKET, "").await;
    assert!(response.contains("Bad request"), "{response}");
}

#[tokio::test(flavor = "multi_thread")]
async fn official_client_upgrades_from_polling() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let server = server::serve(SocketIo::builder().parser(parser), |io| {
            io.mount::<Root, _>(Handler::default())
                .expect("mounted once");
            io.mount::<Chat, _>(Handler::default())
                .expect("mounted once");
        })
        .await;
        node::run_client("upgrade.mjs", server.address, parser).await;
    }
}
