//! Queries that one parser reads and another does not.

use sio_types::SocketIo;

use crate::{
    client::{Response, WebSocket, request, serve},
    events::{App, Handler},
};

fn refusal(code: u8, message: &str) -> Response {
    Response {
        status: 400,
        body: format!(r#"{{"code":{code},"message":"{message}"}}"#),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_not_read_exactly_opens_no_session() {
    let (server, _) = serve(SocketIo::builder(), |io| {
        io.mount::<App, _>(Handler::default())
            .expect("mounted once");
    })
    .await;
    let version = refusal(5, "Unsupported protocol version");
    let transport = refusal(0, "Transport unknown");
    for (query, expected) in [
        ("EIO=4=x&transport=websocket", &version),
        ("EIO=4=&transport=websocket", &version),
        ("EIO=3&transport=websocket", &version),
        ("transport=websocket", &version),
        ("EIO=4&transport=websocket=x", &transport),
        ("EIO=4&transport=websocket=", &transport),
        ("EIO=4", &transport),
    ] {
        let answer = WebSocket::request(server, query).await;
        let answer = answer.err().unwrap_or_else(|| panic!("{query} is let in"));
        assert_eq!(answer, *expected, "{query}");
        let query = query.replace("websocket", "polling");
        assert_eq!(request(server, "GET", &query, "").await, *expected);
    }
    let method = refusal(2, "Bad handshake method");
    let open = "EIO=4&transport=polling";
    assert_eq!(request(server, "POST", open, "40").await, method);
    assert_eq!(request(server, "PUT", open, "40").await, method);
    let bad = refusal(3, "Bad request");
    let websocket = "EIO=4&transport=websocket";
    assert_eq!(request(server, "GET", websocket, "").await, bad);
}
