//! What knowing a `socket.id` is good for, which is public: nothing.

use std::sync::atomic::Ordering;

use sio_types::{Parser, SocketIo};
use sio_types_test_support::within;

use crate::{
    client::{Polling, Response, WebSocket, field, request, serve},
    events::{App, Handler},
    logs::Recorder,
};

/// What is answered to a session that does not exist.
fn unknown() -> Response {
    Response {
        status: 400,
        body: r#"{"code":1,"message":"Session ID unknown"}"#.to_owned(),
    }
}

/// All ways to use a session: by GET, by POST, by an upgrade.
async fn answers(server: std::net::SocketAddr, id: &str) -> Vec<Response> {
    let polling = format!("EIO=4&transport=polling&sid={id}");
    let websocket = format!("EIO=4&transport=websocket&sid={id}");
    let upgraded = WebSocket::request(server, &websocket).await;
    vec![
        request(server, "GET", &polling, "").await,
        request(server, "POST", &polling, r#"42["say","I am Ada"]"#).await,
        request(server, "POST", &polling, "1").await,
        upgraded.err().expect("a session was taken over"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_id_is_no_session() {
    let handler = Handler::default();
    let mounted = handler.clone();
    let (server, _) = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let (victim, id) = Polling::connect(server, "").await;
    let mut witness = WebSocket::connect(server, "").await;
    assert_ne!(victim.token, id);
    let mut forged = victim.token.clone();
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    let truncated = &victim.token[..victim.token.len() - 1];
    let with_more = format!("{}A", victim.token);
    let beginning = &victim.token[..id.len()];
    for sid in [
        &id, &forged, truncated, &with_more, beginning, "", "%00", "é",
    ] {
        for answer in answers(server, sid).await {
            assert_eq!(answer, unknown(), "{sid}");
        }
    }
    // The victim has noticed nothing, and nobody has heard anything.
    victim.post(r#"421["say","It is me"]"#).await;
    victim.get_until("431[]").await;
    let said = witness.read_until("said").await;
    assert_eq!(said, r#"42["said","It is me"]"#);
    assert_eq!(handler.left.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_a_websocket_is_no_session_either() {
    let (server, _) = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let mut victim = WebSocket::open(server).await;
    let open = victim.read_until("sid").await;
    victim.send("40").await;
    let connected = victim.read_until("40{").await;
    let (session, id) = (field(&open, "sid"), field(&connected, "sid"));
    assert_ne!(session, id);
    for sid in [&session, &id] {
        for answer in answers(server, sid).await {
            assert_eq!(answer, unknown());
        }
    }
    victim.send(r#"421["echo","a"]"#).await;
    victim.read_until(r#"431["a"]"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_upgraded_once_and_is_gone_when_it_ends() {
    let (server, _) = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let (client, _) = Polling::connect(server, "").await;
    let query = format!("EIO=4&transport=websocket&sid={}", client.token);
    let mut socket = WebSocket::request(server, &query).await.expect("its own");
    socket.send("2probe").await;
    socket.read_until("3probe").await;
    assert_eq!(client.get().await.body, "6");
    socket.send("5").await;
    socket.send(r#"421["echo","a"]"#).await;
    socket.read_until(r#"431["a"]"#).await;
    // Polling is over, and a second WebSocket is closed at once.
    assert_eq!(client.get().await.status, 400);
    assert_eq!(client.post(r#"42["say","b"]"#).await.status, 400);
    let mut second = WebSocket::request(server, &query)
        .await
        .expect("as in Node");
    assert_eq!(second.read().await, None);
    socket.send("1").await;
    while socket.read().await.is_some() {}
    within("the end of the session", async {
        while client.get().await != unknown() {}
    })
    .await;
}

/// Everything that a client or whoever reads the logs can see of others has no session token in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_in_the_open_packet_alone() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let recorder = Recorder::everything();
        let (server, io) = serve(SocketIo::builder().parser(parser), |io| {
            io.mount::<App, _>(Handler::default())
                .expect("mounted once");
        })
        .await;
        let client = Polling::open(server).await;
        if parser == Parser::Common {
            client.post("40").await;
            let seen = client.get_until("40{").await;
            assert!(!seen.contains(&client.token), "{seen}");
            client.post(r#"421["echo","a"]"#).await;
            client.get_until(r#"431["a"]"#).await;
            let sockets = io.of(App).sockets();
            let socket = sockets.first().expect("it is connected");
            let remote = io.of(App).fetch_sockets().await.expect("one server");
            let shown = format!(
                "{socket:?} {:?} {:?} {:?} {:?} {io:?} {remote:?} {:?}",
                socket.id(),
                socket.rooms(),
                socket.raw(),
                socket.handshake(),
                io.health(),
            );
            assert!(shown.contains(socket.id().as_str()));
            assert!(!shown.contains(&client.token), "{shown}");
        }
        // Everything that can go wrong is logged.
        client.post("nonsense").await;
        within("the end of the session", async {
            while client.get().await != unknown() {}
        })
        .await;
        let text = recorder.text();
        assert!(!text.is_empty(), "nothing was logged");
        assert!(!text.contains(&client.token), "{text}");
    }
}
