//! Queries that one parser accepts and another rejects.

use sio_types::SocketIo;
use sio_types_test_support::{
    raw_client::{POLLING, WEBSOCKET, WebSocket, poll, request},
    server::{Server, serve},
};

use crate::events::{App, Handler};

/// The body of a response that rejects a query.
fn rejection(code: u8, message: &str) -> String {
    format!(r#"{{"code":{code},"message":"{message}"}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_query_opens_no_session() {
    let Server {
        address: server, ..
    } = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let version = rejection(5, "Unsupported protocol version");
    let transport = rejection(0, "Transport unknown");
    for (query, expected) in [
        ("EIO=4=x&transport=websocket", &version),
        ("EIO=4=&transport=websocket", &version),
        ("EIO=3&transport=websocket", &version),
        ("transport=websocket", &version),
        ("EIO=4&transport=websocket=x", &transport),
        ("EIO=4&transport=websocket=", &transport),
        ("EIO=4", &transport),
    ] {
        let answer = WebSocket::open(server, query, &[]).await;
        let answer = answer
            .err()
            .unwrap_or_else(|| panic!("{query} opens a session"));
        assert_eq!(answer.parts(), (400, expected.as_str()), "{query}");
        let query = query.replace("websocket", "polling");
        let answer = poll(server, &query, &[]).await;
        assert_eq!(answer.parts(), (400, expected.as_str()), "{query}");
    }
    let method = rejection(2, "Bad handshake method");
    let path = format!("/socket.io/?{POLLING}");
    for name in ["POST", "PUT"] {
        let answer = request(server, name, &path, &[], "40").await;
        assert_eq!(answer.parts(), (400, method.as_str()), "{name}");
    }
    let bad = rejection(3, "Bad request");
    let answer = poll(server, WEBSOCKET, &[]).await;
    assert_eq!(answer.parts(), (400, bad.as_str()));
}
