//! The public `socket.id` does not give access to a session.

use std::sync::atomic::Ordering;

use sio_types::{Parser, SocketIo};
use sio_types_test_support::{
    raw_client::{Polling, Response, WEBSOCKET, WebSocket, field},
    server::{Server, serve},
    until,
};

use crate::{
    events::{App, Handler},
    logs::Recorder,
};

/// The response to a session that does not exist.
const UNKNOWN: (u16, &str) = (400, r#"{"code":1,"message":"Session ID unknown"}"#);

/// Uses a session in all ways: by GET, by POST and by an upgrade.
async fn answers(server: std::net::SocketAddr, id: &str) -> Vec<Response> {
    let session = Polling {
        server,
        token: id.to_owned(),
    };
    let upgraded = WebSocket::open(server, &format!("{WEBSOCKET}&sid={id}"), &[]).await;
    vec![
        session.get().await,
        session.post(r#"42["say","I am Ada"]"#).await,
        session.post("1").await,
        upgraded.expect_err("a session was taken over"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_id_is_not_a_session_token() {
    let handler = Handler::default();
    let mounted = handler.clone();
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
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
            assert_eq!(answer.parts(), UNKNOWN, "{sid}");
        }
    }
    // The victim's session is unaffected, and no client has received anything.
    victim.post(r#"421["say","It is me"]"#).await;
    victim.get_until("431[]").await;
    let said = witness.until_contains("said").await;
    assert_eq!(said, r#"42["said","It is me"]"#);
    assert_eq!(handler.left.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn websocket_id_is_not_a_session_token() {
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let opened = WebSocket::open(server, WEBSOCKET, &[]).await;
    let mut victim = opened.expect("the server accepts the upgrade");
    let open = victim.until_contains("sid").await;
    victim.send("40").await;
    let connected = victim.until_contains("40{").await;
    let (session, id) = (field(&open, "sid"), field(&connected, "sid"));
    assert_ne!(session, id);
    for sid in [&session, &id] {
        for answer in answers(server, sid).await {
            assert_eq!(answer.parts(), UNKNOWN);
        }
    }
    victim.send(r#"421["echo","a"]"#).await;
    victim.until_contains(r#"431["a"]"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn session_is_upgraded_once_and_removed_on_close() {
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let (client, _) = Polling::connect(server, "").await;
    let query = format!("{WEBSOCKET}&sid={}", client.token);
    let upgraded = WebSocket::open(server, &query, &[]).await;
    let mut socket = upgraded.expect("the session is its own");
    socket.send("2probe").await;
    socket.until_contains("3probe").await;
    assert_eq!(client.get().await.body, "6");
    socket.send("5").await;
    socket.send(r#"421["echo","a"]"#).await;
    socket.until_contains(r#"431["a"]"#).await;
    // Polling has ended, and the server immediately closes a second WebSocket.
    assert_eq!(client.get().await.status, 400);
    assert_eq!(client.post(r#"42["say","b"]"#).await.status, 400);
    let second = WebSocket::open(server, &query, &[]).await;
    let mut second = second.expect("as in Node");
    assert_eq!(second.message().await, None);
    socket.send("1").await;
    socket.end().await;
    until("the session has ended", async || {
        client.get().await.parts() == UNKNOWN
    })
    .await;
}

/// No session token appears in what clients and readers of the log can see of others.
#[tokio::test(flavor = "multi_thread")]
async fn session_token_is_only_in_the_open_packet() {
    for parser in [Parser::Common, Parser::Msgpack] {
        let recorder = Recorder::everything();
        let Server {
            address: server,
            io,
        } = serve(SocketIo::builder().parser(parser), |io| {
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
                socket.request_parts(),
                io.health(),
            );
            assert!(shown.contains(socket.id().as_str()));
            assert!(!shown.contains(&client.token), "{shown}");
        }
        // All failures are logged.
        client.post("nonsense").await;
        until("the session has ended", async || {
            client.get().await.parts() == UNKNOWN
        })
        .await;
        let text = recorder.text();
        assert!(!text.is_empty(), "nothing was logged");
        assert!(!text.contains(&client.token), "{text}");
    }
}
