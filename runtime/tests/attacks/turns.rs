//! Turns: the time for which one client may keep a thread from other clients.

use std::sync::atomic::Ordering;

use sio_types::SocketIo;
use sio_types_test_support::{
    raw_client::{WebSocket, text_frame},
    server::{Server, serve},
};

use crate::events::{App, Handler};

/// Runs everything on one thread, so that all other clients wait for a turn.
#[tokio::test(flavor = "current_thread")]
async fn turn_is_limited_in_time() {
    const EVENTS: usize = 300;
    let handler = Handler::default();
    let mounted = handler.clone();
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(mounted).expect("mounted once");
    })
    .await;
    let mut healthy = WebSocket::connect(server, "").await;
    let mut floods = Vec::new();
    for _ in 0..2 {
        let mut client = WebSocket::connect(server, "").await;
        let events = text_frame(r#"42["work",5]"#).repeat(EVENTS);
        client.try_send_bytes(&events).await.expect("it reads");
        floods.push(client);
    }
    let worked = || handler.worked.load(Ordering::Relaxed);
    while worked() == 0 {
        tokio::task::yield_now().await;
    }
    let before = worked();
    healthy.send(r#"421["echo","a"]"#).await;
    healthy.until_contains(r#"431["a"]"#).await;
    let meanwhile = worked() - before;
    // A few turns of each flooding client, while the event is written, read and answered. A turn of 32 frames would be
    // 64 events for each of the three steps.
    assert!(meanwhile < 40, "{meanwhile} events were handled meanwhile");
    assert!(worked() < 2 * EVENTS, "the floods were over");
}
