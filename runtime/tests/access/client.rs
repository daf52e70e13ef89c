//! HTTP and WebSocket as they are on the wire, with any header.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use http::{Request, StatusCode, request::Builder};
use sio_types_test_support::TIMEOUT;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Error};

pub const POLLING: &str = "EIO=4&transport=polling";
pub const WEBSOCKET: &str = "EIO=4&transport=websocket";

type Headers<'h> = [(&'h str, &'h str)];

/// A response, its head in lower case.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = &mut self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The id of the session that it opens.
    pub fn session(&self) -> &str {
        let (_, rest) = self.body.split_once(r#""sid":""#).expect("a session");
        rest.split('"').next().expect("its id")
    }
}

/// One request on a connection of its own.
pub async fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &Headers<'_>,
    body: &str,
) -> Response {
    let mut stream = TcpStream::connect(server).await.expect("it listens");
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| *name == "host") {
        text.push_str(&format!("host: {server}\r\n"));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("\r\n{body}"));
    stream.write_all(text.as_bytes()).await.expect("it is open");
    let mut response = String::new();
    let read = timeout(TIMEOUT, stream.read_to_string(&mut response)).await;
    read.expect("in time").expect("text");
    let (head, body) = response.split_once("\r\n\r\n").expect("a whole head");
    Response {
        status: head[9..12].parse().expect("a status"),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

/// A request of Socket.IO's path.
pub async fn poll(server: SocketAddr, query: &str, headers: &Headers<'_>) -> Response {
    let path = format!("/socket.io/?{query}");
    request(server, "GET", &path, headers, "").await
}

pub async fn post(
    server: SocketAddr,
    session: &str,
    headers: &Headers<'_>,
    body: &str,
) -> Response {
    let path = format!("/socket.io/?{POLLING}&sid={session}");
    request(server, "POST", &path, headers, body).await
}

/// A client's end of a WebSocket.
#[derive(Debug)]
pub struct WebSocket(WebSocketStream<TcpStream>);

impl WebSocket {
    /// Opens one, or gives the status and the body that refuse it.
    pub async fn open(
        server: SocketAddr,
        query: &str,
        headers: &Headers<'_>,
    ) -> Result<Self, (StatusCode, String)> {
        let stream = TcpStream::connect(server).await.expect("it listens");
        match client_async(upgrade(server, query, headers), stream).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => {
                let status = response.status();
                let body = response.into_body().unwrap_or_default();
                Err((status, String::from_utf8(body).expect("text")))
            }
            Err(error) => panic!("a response: {error}"),
        }
    }

    pub async fn send(&mut self, message: &str) {
        // The server may have gone already.
        let _ = self.0.send(message.into()).await;
    }

    /// The next message that is none of the heartbeat; `None` at the connection's end.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            let message = timeout(TIMEOUT, self.0.next()).await.expect("in time")?;
            match message.ok()?.into_text().ok()?.as_str() {
                "2" => self.send("3").await,
                "" => {}
                text => return Some(text.to_owned()),
            }
        }
    }

    pub async fn until(&mut self, is_it: impl Fn(&str) -> bool) -> String {
        loop {
            let message = self.next().await.expect("a message");
            if is_it(&message) {
                return message;
            }
        }
    }

    pub async fn end(mut self) {
        while self.next().await.is_some() {}
    }
}

fn upgrade(server: SocketAddr, query: &str, headers: &Headers<'_>) -> Request<()> {
    let mut request = Request::get(format!("ws://{server}/socket.io/?{query}"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", server.to_string());
    }
    let with = |request: Builder, (name, value): &(&str, &str)| request.header(*name, *value);
    headers
        .iter()
        .fold(request, with)
        .body(())
        .expect("a request")
}
