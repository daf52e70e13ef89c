//! Rejected events and connections: the client's view, the server's callbacks, and other clients, which are unaffected.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use sio_types::{AckError, Parser, Rejected, prelude::*};
use sio_types_test_support::{logs::Logs, node, server, until};

#[payload]
pub struct Order {
    pub lines: Vec<Line>,
}

#[payload]
pub struct Line {
    pub article: String,
    pub count: u32,
}

#[events]
pub trait ServerToClient {
    fn question() -> bool;
    fn rejected(event: String, code: String, detail: String);
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn order(order: Order);
    fn buy(order: Order) -> Result<u32, String>;
    fn add(left: u32, right: u32) -> Result<u32, String>;
    fn panics(late: bool) -> Result<(), String>;
    fn panics_silently() -> ();
    /// Asks the client, which disconnects.
    fn ask();
    /// Returns the outcome of the last question.
    fn outcome() -> String;
}

#[payload]
pub struct Token {
    pub token: String,
}

#[payload]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    pub retry_after: u32,
}

#[derive(Events)]
#[events(
    namespace = "/shop",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = String,
    auth = Token,
    connect_error = Refused,
)]
pub struct Shop;

#[derive(Default, Clone)]
struct Handler {
    outcome: Arc<Mutex<String>>,
}

impl ClientToServer<Socket<Shop>> for Handler {
    async fn alive(&self, _: Socket<Shop>) {}

    async fn order(&self, _: Socket<Shop>, _: Order) {}

    async fn buy(&self, _: Socket<Shop>, order: Order) -> Result<u32, String> {
        Ok(order.lines.iter().map(|line| line.count).sum())
    }

    async fn add(&self, _: Socket<Shop>, left: u32, right: u32) -> Result<u32, String> {
        left.checked_add(right)
            .ok_or_else(|| "too large".to_owned())
    }

    async fn panics(&self, _: Socket<Shop>, late: bool) -> Result<(), String> {
        if late {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("the handler's secret");
    }

    async fn panics_silently(&self, _: Socket<Shop>) {
        panic!("the handler's secret");
    }

    async fn ask(&self, socket: Socket<Shop>) {
        let answer = socket
            .timeout(Duration::from_secs(2))
            .emit()
            .question()
            .await;
        let outcome = match answer {
            Ok(answer) => answer.to_string(),
            Err(AckError::Timeout) => "timeout".to_owned(),
            Err(error) => error.to_string(),
        };
        *self.outcome.lock().expect("no panic holds it") = outcome;
    }

    async fn outcome(&self, _: Socket<Shop>) -> String {
        self.outcome.lock().expect("no panic holds it").clone()
    }
}

impl Lifecycle<Shop> for Handler {
    async fn authenticate(
        &self,
        handshake: &Handshake<Shop>,
        auth: Token,
    ) -> Result<String, ConnectError<Refused>> {
        assert!(!handshake.socket_id().to_string().is_empty());
        match auth.token.as_str() {
            "wrong" => Err(ConnectError::new("unknown token")),
            "later" => Err(ConnectError::new("too early").with_data(Refused { retry_after: 5 })),
            "panic" => panic!("the hook's secret"),
            _ => Ok(auth.token),
        }
    }

    fn rejected(&self, socket: &Socket<Shop>, rejected: &Rejected) {
        let code = format!("{:?}", rejected.code);
        socket
            .emit()
            .rejected(&rejected.event, code, &rejected.detail)
            .ok();
    }
}

async fn prove(parser: Parser, development: bool, script: &str) -> Logs {
    let logs = Logs::capture();
    let builder = SocketIo::builder().parser(parser).development(development);
    let server = server::serve(builder, |io| {
        io.mount::<Shop, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    node::run_client(script, server.address, parser).await;
    until("no socket is left", async || {
        server.io.of(Shop).sockets().is_empty()
    })
    .await;
    logs
}

// One server after the other, because the log belongs to the process.
#[tokio::test(flavor = "multi_thread")]
async fn every_rejection_is_logged() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let logs = prove(parser, false, "rejections.mjs").await;
        for expected in [
            "event=\"buy\" code=InvalidPayload detail=\"argument `order.lines[1].count`",
            "event=\"add\" code=InvalidPayload detail=\"argument `right`: missing",
            "event=\"nothing\" code=UnknownEvent",
            "event=\"panics\" code=Panicked detail=\"the handler panicked: the handler's secret",
            "client rejected: invalid `auth`",
            "`authenticate` hook panicked",
        ] {
            assert!(
                logs.contain(expected),
                "{parser:?}: `{expected}` is not in\n{logs}"
            );
        }
    }
    prove(Parser::Common, true, "development.mjs").await;
    for parser in [Parser::Common, Parser::Msgpack] {
        prove(parser, false, "hostile.mjs").await;
    }
}
