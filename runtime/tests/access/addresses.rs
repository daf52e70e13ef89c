//! Limit of connections per address.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use axum::Router;
use http::HeaderName;
use sio_types::{Builder, ClientAddress, Limits, prelude::*};
use sio_types_test_support::{
    logs::Logs,
    raw_client::{POLLING, Response, WEBSOCKET, WebSocket, poll, post, request},
    server, until, within,
};

#[derive(Events)]
#[events(namespace = "/")]
pub struct Root;

/// Keeps the sockets of clients that have disconnected.
#[derive(Clone, Default)]
struct Hoarder(Arc<Mutex<Vec<Socket<Root>>>>);

impl Lifecycle<Root> for Hoarder {
    async fn connected(&self, socket: Socket<Root>) {
        self.0.lock().expect("no panic holds it").push(socket);
    }
}

struct Server {
    address: SocketAddr,
    hoarder: Hoarder,
}

async fn serve(builder: Builder) -> Server {
    let (layer, io) = builder.build_layer();
    let hoarder = Hoarder::default();
    io.mount::<Root, _>(hoarder.clone()).expect("mounted once");
    let app = Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { address, hoarder }
}

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
const TOO_MANY: (u16, &str) = (429, r#"{"code":4,"message":"Too many connections"}"#);

fn behind_a_proxy(count: usize) -> Builder {
    let limits = Limits::default()
        .connections_per_address(count)
        .client_address(ClientAddress::header(FORWARDED));
    SocketIo::builder().limits(limits)
}

impl Server {
    async fn open(&self, from: &str) -> Result<WebSocket, (u16, String)> {
        let headers = [("x-forwarded-for", from)];
        let opened = WebSocket::open(self.address, WEBSOCKET, &headers).await;
        opened.map_err(|response| (response.status, response.body))
    }

    /// Opens a WebSocket as soon as the address has a free connection.
    async fn let_in(&self, from: &str) -> WebSocket {
        self.try_to_open(from, WEBSOCKET).await
    }

    async fn try_to_open(&self, from: &str, query: &str) -> WebSocket {
        let headers = [("x-forwarded-for", from)];
        let opened = async {
            loop {
                match WebSocket::open(self.address, query, &headers).await {
                    Ok(opened) => return opened,
                    Err(response) => assert_eq!(response.parts(), TOO_MANY),
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        within("room for a connection", opened).await
    }

    async fn is_full(&self, from: &str) -> bool {
        match self.open(from).await {
            Ok(_) => false,
            Err((status, body)) => {
                assert_eq!((status, body.as_str()), TOO_MANY);
                true
            }
        }
    }

    /// Waits until `count` new connections from an address are accepted.
    async fn has_room(&self, from: &str, count: usize) {
        let mut all = Vec::new();
        for _ in 0..5000 {
            match self.open(from).await {
                Ok(one) => all.push(one),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
            }
            if all.len() == count {
                return;
            }
        }
        panic!("{} of {count} places are free", all.len());
    }
}

#[tokio::test]
async fn connections_per_address_are_limited() {
    let logs = Logs::share();
    let server = serve(behind_a_proxy(2)).await;
    let first = server.open("evil, 192.0.2.1").await;
    let polling = poll(server.address, POLLING, &[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(polling.status, 200);
    assert!(server.is_full("192.0.2.1").await);
    let refused = poll(server.address, POLLING, &[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(refused.parts(), TOO_MANY);
    // An unusual query that only the engine understands does not evade the limit.
    let headers = [("x-forwarded-for", "192.0.2.1")];
    let odd = WebSocket::open(server.address, "EIO=4=&transport=websocket", &headers).await;
    assert_eq!(odd.expect_err("refused").status, 400);
    // Other addresses are unaffected, and requests of an existing session do not count as new connections.
    let other = server.open("192.0.2.2").await;
    assert_eq!(
        post(server.address, &polling.session(), &headers, "40")
            .await
            .body,
        "ok"
    );
    assert!(
        logs.contain("too many connections from this address"),
        "{logs}"
    );
    drop((first, other));
    server.has_room("192.0.2.1", 1).await;
    server.has_room("192.0.2.2", 2).await;
}

#[tokio::test]
async fn ipv6_addresses_are_limited_by_network() {
    let server = serve(behind_a_proxy(1)).await;
    let _kept = server.open("2001:db8::1").await.expect("let in");
    assert!(server.is_full("2001:db8::ffff:1").await);
    assert!(!server.is_full("2001:db8:0:1::1").await);
}

/// Repeats a request until the address has room for it. The server notices a moment later than the client that a
/// connection is closed.
async fn has_room_for(attempt: impl AsyncFn() -> Response) -> Response {
    let answered = async {
        loop {
            let response = attempt().await;
            if response.status != TOO_MANY.0 {
                return response;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    within("room for a request", answered).await
}

#[tokio::test]
async fn permits_are_released_on_disconnect() {
    let server = serve(behind_a_proxy(3)).await;
    let address = server.address;
    let headers = [("x-forwarded-for", "192.0.2.1")];
    for round in 0..24 {
        match round % 8 {
            // The client connects to a namespace and leaves, while the application keeps its socket.
            0 | 1 => {
                let mut client = server.let_in("192.0.2.1").await;
                client.send("40").await;
                client.until(|message| message.starts_with("40")).await;
                if round % 8 == 1 {
                    client.send("41").await;
                }
            }
            // The client never connects to a namespace.
            2 => drop(server.let_in("192.0.2.1").await),
            // The client polls, and closes the session.
            3 => {
                let open = has_room_for(async || poll(address, POLLING, &headers).await).await;
                let session = open.session();
                post(address, &session, &headers, "40").await;
                // The first poll may end with the heartbeat.
                let query = format!("{POLLING}&sid={session}");
                until("the client is in the namespace", async || {
                    poll(address, &query, &headers).await.body.contains("40{")
                })
                .await;
                post(address, &session, &headers, "1").await;
            }
            // The client polls, upgrades and leaves.
            4 => {
                let open = has_room_for(async || poll(address, POLLING, &headers).await).await;
                let session = open.session();
                post(address, &session, &headers, "40").await;
                let change = format!("{WEBSOCKET}&sid={session}");
                let mut client = WebSocket::open(address, &change, &headers)
                    .await
                    .expect("let in");
                client.send("2probe").await;
                client.until(|message| message == "3probe").await;
                client.send("5").await;
                client.until(|message| message.starts_with("40")).await;
            }
            // The engine rejects the request.
            5 => {
                for (method, query) in [
                    ("GET", "EIO=4&transport=carrier-pigeon"),
                    ("GET", "EIO=3&transport=polling"),
                    ("GET", "EIO=4"),
                    ("POST", "EIO=4&transport=polling"),
                ] {
                    let path = format!("/socket.io/?{query}");
                    has_room_for(async || request(address, method, &path, &headers, "40").await)
                        .await;
                }
            }
            // The session does not exist.
            6 => {
                let unknown = format!("{WEBSOCKET}&sid=AAAAAAAAAAAAAAAA");
                let unknown = WebSocket::open(address, &unknown, &headers).await;
                assert_eq!(unknown.expect_err("unknown").status, 400);
            }
            // The client sends a message that is not a packet.
            _ => {
                let mut client = server.let_in("192.0.2.1").await;
                client.send("x").await;
                client.end().await;
            }
        }
        server.has_room("192.0.2.1", 3).await;
    }
    let kept = server.hoarder.0.lock().expect("no panic holds it").len();
    assert!(kept >= 12, "the sockets are kept: {kept}");
}

#[tokio::test]
async fn unknown_address_is_rejected() {
    let logs = Logs::share();
    let limits = Limits::default().connections_per_address(1);
    let server = server::serve(SocketIo::builder().limits(limits.clone()), |_| {}).await;
    let refused = poll(server.address, POLLING, &[]).await;
    assert_eq!(
        refused.parts(),
        (500, r#"{"code":4,"message":"The address is not known"}"#)
    );
    assert!(
        logs.contain("into_make_service_with_connect_info"),
        "{logs}"
    );
    // axum knows the peer's address.
    let server = serve(SocketIo::builder().limits(limits)).await;
    let _kept = server.open("192.0.2.1").await.expect("let in");
    assert!(server.is_full("192.0.2.2").await);
}

#[tokio::test]
async fn custom_function_finds_the_address() {
    let find = |head: &http::request::Parts| -> Option<IpAddr> {
        let query = head.uri.query()?;
        assert!(!query.contains("panic"), "the function's secret");
        query.rsplit_once("from=")?.1.parse().ok()
    };
    let limits = Limits::default()
        .connections_per_address(1)
        .client_address(ClientAddress::find(find));
    let server = serve(SocketIo::builder().limits(limits)).await;
    for (from, expected) in [
        ("192.0.2.1", 200),
        ("192.0.2.1", 429),
        ("192.0.2.2", 200),
        ("panic", 500),
    ] {
        let opened = poll(server.address, &format!("{POLLING}&from={from}"), &[]).await;
        assert_eq!(opened.status, expected, "{from}");
        assert!(!opened.body.contains("secret"));
    }
}
