//! Requests that are never finished, and events whose handlers never end.

use std::sync::atomic::Ordering;

use sio_types::{Limits, SocketIo};
use sio_types_test_support::{
    raw_client::{Polling, WebSocket, encode_request, receive, send},
    server::{Server, serve},
    until,
};
use tokio::io::AsyncWriteExt;

use crate::events::{App, Handler};

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_body_ends_with_its_session() {
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let client = Polling::open(server).await;
    let path = format!("/socket.io/?{}", client.query());
    let begun = encode_request("POST", &path, &[("content-length", "100000")], "4");
    let unfinished = send(server, &begun).await;
    // A second POST ends the session, as in Node.js.
    until_refused(&client).await;
    let response = receive(unfinished).await;
    assert_eq!(response.status, 400);
    assert_eq!(client.get().await.status, 400);
}

async fn until_refused(client: &Polling) {
    // The server may not have begun to read the first body yet.
    while client.post("3").await.status == 200 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn aborted_poll_ends_the_session() {
    let handler = Handler::default();
    let mounted = handler.clone();
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let (client, _) = Polling::connect(server, "").await;
    client.post("3").await;
    let path = format!("/socket.io/?{}", client.query());
    let mut poll = send(server, &encode_request("GET", &path, &[], "")).await;
    // If the poll returns a heartbeat, the next one waits.
    let _ = poll.shutdown().await;
    drop(poll);
    let left = || handler.left.load(Ordering::Relaxed) == 1;
    until("the server notices", async || left()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_in_progress_are_limited() {
    const MOST: usize = 20;
    let handler = Handler::default();
    let mounted = handler.clone();
    let limits = Limits::default().events_in_progress(MOST);
    let Server {
        address: server, ..
    } = serve(SocketIo::builder().limits(limits), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let mut client = WebSocket::connect(server, "").await;
    let mut other = WebSocket::connect(server, "").await;
    let waiting = || handler.waiting.load(Ordering::Relaxed);
    for number in 0..3 * MOST {
        client.send(&format!(r#"42{number}["wait"]"#)).await;
    }
    until("the limit is reached", async || waiting() == MOST).await;
    other.send(r#"421["echo","a"]"#).await;
    other.until_contains(r#"431["a"]"#).await;
    // The events do not end, but the server continues to read, and rejects the further ones.
    for number in MOST..3 * MOST {
        let start = format!("43{number}[");
        let answer = client.until_contains(&start).await;
        assert!(answer.contains("overloaded"), "{answer}");
    }
    assert_eq!(waiting(), MOST);
    handler.may_go_on.send_replace(true);
    for _ in 0..MOST {
        client.until_contains(r#""status":"ok""#).await;
    }
    client.send(r#"42100["echo","b"]"#).await;
    client.until_contains(r#"43100["b"]"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_reading_loses_no_events() {
    let handler = Handler::default();
    let mounted = handler.clone();
    let limits = Limits::default().events_in_progress(5);
    let Server {
        address: server, ..
    } = serve(SocketIo::builder().limits(limits), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let mut client = WebSocket::connect(server, "").await;
    for number in 0..50 {
        client.send(&format!(r#"42{number}["wait"]"#)).await;
    }
    let waiting = || handler.waiting.load(Ordering::Relaxed);
    until("the limit is reached", async || waiting() == 5).await;
    handler.may_go_on.send_replace(true);
    let mut answered = 0;
    while answered < 50 {
        let answer = client.until_contains(r#""status""#).await;
        assert!(answer.contains(r#""status":"ok""#), "{answer}");
        answered += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handler_can_end_with_its_client() {
    let handler = Handler::default();
    let mounted = handler.clone();
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let mut client = WebSocket::connect(server, "").await;
    for number in 0..10 {
        client.send(&format!(r#"42{number}["waitForMe"]"#)).await;
    }
    let count = |of: &std::sync::atomic::AtomicUsize| of.load(Ordering::Relaxed);
    until("they wait", async || count(&handler.waiting) == 10).await;
    drop(client);
    until("they end", async || count(&handler.cancelled) == 10).await;
}
