//! Every value of the zoo through the official client, in both directions and with both parsers.

use serde_json::{Value, json};
use sio_types::{Parser, SocketIo};
use sio_types_test_support::{node, server};
use sio_types_zoo::{
    Echo, Specimen, enums::Enums, foreign::Foreign, plain::Plain, specimens, structs::Structs,
};

/// Returns the values that the client receives and sends, and the expected echoes.
fn task(specimen: &Specimen) -> Value {
    let echoed: Vec<_> = specimen
        .accepted
        .iter()
        .filter_map(|value| (specimen.decoded)(value.clone()).expect("it is accepted"))
        .collect();
    json!({
        "namespace": specimen.namespace,
        "event": specimen.event,
        "sent": specimen.sent,
        "accepted": specimen.accepted,
        "echoed": echoed,
        "refused": specimen.refused,
    })
}

async fn prove(parser: Parser) {
    let echo = Echo::default();
    let server = server::serve(SocketIo::builder().parser(parser), |io| {
        io.mount::<Plain, _>(echo.clone()).expect("mounted once");
        io.mount::<Structs, _>(echo.clone()).expect("mounted once");
        io.mount::<Enums, _>(echo.clone()).expect("mounted once");
        io.mount::<Foreign, _>(echo.clone()).expect("mounted once");
    })
    .await;
    let specimens = specimens();
    let tasks = Value::from_iter(specimens.iter().map(task)).to_string();
    node::run_client_with("zoo.mjs", server.address, parser, &tasks).await;

    let refused: Vec<_> = specimens
        .iter()
        .flat_map(|specimen| vec![specimen.event; specimen.refused.len()])
        .collect();
    assert_eq!(*echo.rejected.lock().expect("no panic"), refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn common_parser() {
    prove(Parser::Common).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn msgpack_parser() {
    prove(Parser::Msgpack).await;
}
