//! Allowed origins, over both transports.

use axum::Router;
use sio_types::{Builder, Origins, UpgradeError, prelude::*};
use sio_types_test_support::{
    logs::Logs,
    raw_client::{POLLING, Response, WEBSOCKET, WebSocket, poll, post, request},
    server::{self, Server},
};
use tokio::io::duplex;

#[derive(Events)]
#[events(namespace = "/")]
pub struct Root;

struct Handler;

impl Lifecycle<Root> for Handler {}

async fn serve(builder: Builder) -> Server {
    server::serve(builder, |io| {
        io.mount::<Root, _>(Handler).expect("mounted once");
    })
    .await
}

const OTHER: &str = "https://other.example";
const FORBIDDEN: &str = r#"{"code":4,"message":"Forbidden"}"#;

fn assert_forbidden(response: &Response) {
    assert_eq!(response.status, 403);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("access-control-allow-origin"), None);
    assert_eq!(response.body, FORBIDDEN);
}

/// Asserts that a page can open a connection over either transport, or over neither if `expected` is `false`.
async fn assert_reaches(server: &Server, headers: &[(&str, &str)], expected: bool) {
    let Server { address, .. } = *server;
    let polled = poll(address, POLLING, headers).await;
    let opened = WebSocket::open(address, WEBSOCKET, headers).await;
    if expected {
        assert_eq!(polled.status, 200, "{headers:?}");
        assert!(opened.is_ok(), "{headers:?}");
        return;
    }
    assert_forbidden(&polled);
    let response = opened.expect_err("refused");
    assert_eq!(response.parts(), (403, FORBIDDEN));
}

#[tokio::test]
async fn allows_only_same_origin_by_default() {
    let logs = Logs::share();
    let server = serve(SocketIo::builder()).await;
    let own = format!("http://{}", server.address);
    for (headers, expected) in [
        (vec![], true),
        (vec![("origin", own.as_str())], true),
        (
            vec![("host", "api.example"), ("origin", "https://api.example")],
            true,
        ),
        (
            vec![("x-forwarded-host", "other.example"), ("origin", OTHER)],
            true,
        ),
        (vec![("origin", OTHER)], false),
        (vec![("host", "api.example"), ("origin", OTHER)], false),
        (vec![("origin", "http://localhost:1")], false),
        (vec![("origin", "null")], false),
        (vec![("sec-fetch-site", "cross-site")], false),
    ] {
        assert_reaches(&server, &headers, expected).await;
    }
    // A page of another origin cannot use an existing connection.
    let session = poll(server.address, POLLING, &[]).await;
    let session = &session.session();
    let origin = [("origin", OTHER)];
    assert_forbidden(&post(server.address, session, &origin, "40").await);
    let going_on = format!("{POLLING}&sid={session}");
    assert_forbidden(&poll(server.address, &going_on, &origin).await);
    let change = format!("{WEBSOCKET}&sid={session}");
    let changed = WebSocket::open(server.address, &change, &origin).await;
    assert_eq!(changed.expect_err("refused").status, 403);
    assert_eq!(post(server.address, session, &[], "40").await.body, "ok");
    for expected in [
        "request rejected: origin not allowed",
        OTHER,
        "Origins::list",
    ] {
        assert!(logs.contain(expected), "`{expected}` is not in\n{logs}");
    }
}

#[tokio::test]
async fn allowed_origins_get_cors_headers() {
    let origins = Origins::same().or(Origins::list([OTHER]).expect("an origin"));
    let server = serve(SocketIo::builder().origins(origins)).await;
    let origin = [("origin", OTHER)];
    assert_reaches(&server, &origin, true).await;
    assert_reaches(&server, &[("origin", "https://third.example")], false).await;

    let opened = poll(server.address, POLLING, &origin).await;
    let session = opened.session();
    let posted = post(server.address, &session, &origin, "40").await;
    let unknown = poll(server.address, &format!("{POLLING}&sid=unknown"), &origin).await;
    assert_eq!(unknown.status, 400);
    for response in [opened, posted, unknown] {
        assert_eq!(response.header("access-control-allow-origin"), Some(OTHER));
        assert_eq!(response.header("vary"), Some("origin"));
        assert_eq!(response.header("access-control-allow-credentials"), None);
    }
    let change = format!("{WEBSOCKET}&sid={session}");
    let mut changed = WebSocket::open(server.address, &change, &origin)
        .await
        .expect("let in");
    changed.send("2probe").await;
    assert_eq!(changed.message().await.as_deref(), Some("3probe"));
    // The server's own origin needs no permission.
    let own = format!("http://{}", server.address);
    let own = poll(server.address, POLLING, &[("origin", &own)]).await;
    assert_eq!(
        (own.status, own.header("access-control-allow-origin")),
        (200, None)
    );
}

#[tokio::test]
async fn answers_preflight_requests() {
    let list = || Origins::list([OTHER]).expect("an origin");
    let asks = [
        ("origin", OTHER),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-token,content-type"),
    ];
    let path = format!("/socket.io/?{POLLING}");
    let plain = serve(SocketIo::builder().origins(list())).await;
    let told = request(plain.address, "OPTIONS", &path, &asks, "").await;
    assert_eq!(told.parts(), (204, ""));
    for (name, expected) in [
        ("access-control-allow-origin", Some(OTHER)),
        ("access-control-allow-methods", Some("get, post")),
        ("access-control-allow-headers", Some("x-token,content-type")),
        ("access-control-max-age", Some("7200")),
        ("access-control-allow-credentials", None),
    ] {
        assert_eq!(told.header(name), expected, "{name}");
    }
    let with_credentials = serve(SocketIo::builder().origins(list().credentials(true))).await;
    for (method, status) in [("OPTIONS", 204), ("GET", 200)] {
        let told = request(with_credentials.address, method, &path, &asks, "").await;
        assert_eq!(told.status, status);
        assert_eq!(
            told.header("access-control-allow-credentials"),
            Some("true")
        );
    }
    let own_only = serve(SocketIo::builder()).await;
    assert_forbidden(&request(own_only.address, "OPTIONS", &path, &asks, "").await);
}

#[tokio::test]
async fn local_origins_are_allowed_in_development() {
    for (builder, local, other) in [
        (SocketIo::builder().development(true), true, false),
        (SocketIo::builder().origins(Origins::local()), true, false),
        (SocketIo::builder().origins(Origins::any()), true, true),
    ] {
        let server = serve(builder).await;
        for origin in [
            "http://localhost:5173",
            "http://127.0.0.1:80",
            "http://[::1]:1",
        ] {
            assert_reaches(&server, &[("origin", origin)], local).await;
        }
        assert_reaches(&server, &[("origin", OTHER)], other).await;
        assert_reaches(&server, &[("origin", "null")], other).await;
    }
}

#[tokio::test]
async fn other_paths_are_not_checked() {
    let (layer, io) = SocketIo::builder().build_layer();
    io.mount::<Root, _>(Handler).expect("mounted once");
    let app = Router::new().fallback(async || "below").layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let origin = [("origin", OTHER), ("access-control-request-method", "GET")];
    for path in ["/", "/socket.ioo", "/other/socket.io/"] {
        for method in ["GET", "OPTIONS"] {
            let response = request(address, method, path, &origin, "").await;
            assert_eq!(response.parts(), (200, "below"));
            assert_eq!(response.header("access-control-allow-origin"), None);
        }
    }
    // These paths belong to Socket.IO.
    for path in ["/socket.io", "/socket.io/", "/socket.io/more?EIO=3"] {
        assert_forbidden(&request(address, "GET", path, &origin, "").await);
    }
}

#[tokio::test]
async fn checks_origin_of_upgraded_websockets() {
    let (mut service, io) = SocketIo::builder().build_service();
    io.mount::<Root, _>(Handler).expect("mounted once");
    for (origin, expected) in [
        ("https://api.example", Ok(())),
        (
            OTHER,
            Err(UpgradeError::Refused(http::StatusCode::FORBIDDEN)),
        ),
    ] {
        let head = http::Request::get(format!("/socket.io/?{WEBSOCKET}"))
            .header("host", "api.example")
            .header("origin", origin)
            .body(())
            .expect("a head");
        let (_client, stream) = duplex(1024);
        let taken = tower_service::Service::call(&mut service, (stream, head)).await;
        assert_eq!(taken, expected, "{origin}");
    }
}
