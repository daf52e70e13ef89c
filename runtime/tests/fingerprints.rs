//! Clients whose events were generated from another version than the server's.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use serde_json::json;
use sio_types::{Fingerprints, Parser, prelude::*, schema};
use sio_types_test_support::{logs::Logs, node, server};

#[events]
pub trait ServerToClient {
    fn message(text: String);
}

#[derive(Events)]
#[events(namespace = "/chat", server_to_client = ServerToClient)]
pub struct Chat;

struct Server;

impl Lifecycle<Chat> for Server {}

async fn prove(fingerprints: Fingerprints, refuses: bool, parser: Parser) {
    let builder = SocketIo::builder()
        .parser(parser)
        .fingerprints(fingerprints.also_accept(["00c0ffee00c0ffee"]));
    let server = server::serve(builder, |io| {
        io.mount::<Chat, _>(Server).expect("mounted once");
    })
    .await;
    let schema = schema::of::<Chat>().expect("a schema");
    let own = schema.fingerprint("/chat").expect("the namespace");
    let input = json!({ "own": own, "refuses": refuses }).to_string();
    node::run_client_with("fingerprints.mjs", server.address, parser, &input).await;
}

// One server after the other, because the log belongs to the process.
#[tokio::test(flavor = "multi_thread")]
async fn outdated_clients_are_ignored_logged_or_rejected() {
    let logs = Logs::capture();
    prove(Fingerprints::ignore(), false, Parser::Common).await;
    let warning = "client fingerprint does not match the schema";
    assert!(!logs.contain(warning), "{logs}");
    prove(Fingerprints::log(), false, Parser::Common).await;
    assert!(
        logs.contain(warning) && logs.contain("client=\"0123456789abcdef\""),
        "{logs}"
    );
    for parser in [Parser::Common, Parser::Msgpack] {
        prove(Fingerprints::refuse(), true, parser).await;
    }
    assert!(logs.contain("refused=true"), "{logs}");
}
