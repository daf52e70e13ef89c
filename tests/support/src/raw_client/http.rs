//! HTTP requests with any header, each on its own connection.

use std::{fmt::Write, io, net::SocketAddr};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{POLLING, field};
use crate::within;

/// Header names in lower case, and their values.
pub type Headers<'h> = [(&'h str, &'h str)];

/// A response.
#[derive(Debug)]
pub struct Response {
    /// Status code; 0 if the connection ended before a whole head.
    pub status: u16,
    /// The head in lower case.
    head: String,
    /// The body.
    pub body: String,
}

impl Response {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Returns the value of a header, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = &mut self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Returns the status and the body.
    pub fn parts(&self) -> (u16, &str) {
        (self.status, &self.body)
    }

    /// Returns the token of the session that this response opens.
    pub fn session(&self) -> String {
        field(&self.body, "sid")
    }
}

/// Encodes a request that closes its connection. `host` and `content-length` are added unless they are given.
pub fn encode_request(
    method: &str,
    path: &str,
    headers: &Headers<'_>,
    body: impl AsRef<[u8]>,
) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len().to_string();
    let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    for (name, value) in [("content-length", length.as_str()), ("host", "localhost")] {
        if !headers.iter().any(|(given, _)| *given == name) {
            header(&mut text, name, value);
        }
    }
    for (name, value) in headers {
        header(&mut text, name, value);
    }
    text.push_str("\r\n");
    [text.as_bytes(), body].concat()
}

/// Encodes the request for a WebSocket. `host` is added unless it is given.
pub fn encode_upgrade(query: &str, headers: &Headers<'_>) -> Vec<u8> {
    let mut text = format!(
        "GET /socket.io/?{query} HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    if !headers.iter().any(|(given, _)| *given == "host") {
        header(&mut text, "host", "localhost");
    }
    for (name, value) in headers {
        header(&mut text, name, value);
    }
    text.push_str("\r\n");
    text.into_bytes()
}

fn header(head: &mut String, name: &str, value: &str) {
    write!(head, "{name}: {value}\r\n").expect("a string takes everything");
}

/// Returns the headers with the server's address as `host`, unless one is given.
pub(super) fn with_host<'h>(host: &'h str, headers: &Headers<'h>) -> Vec<(&'h str, &'h str)> {
    let mut all = headers.to_vec();
    if !headers.iter().any(|(given, _)| *given == "host") {
        all.push(("host", host));
    }
    all
}

/// Sends bytes on a new connection.
pub async fn send(server: SocketAddr, bytes: &[u8]) -> TcpStream {
    let sent = try_send(server, bytes).await;
    sent.expect("the server reads the request")
}

async fn try_send(server: SocketAddr, bytes: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    within("the server to read a request", stream.write_all(bytes)).await?;
    Ok(stream)
}

/// Reads a response up to the end of its connection.
pub async fn receive(mut stream: impl AsyncRead + Unpin) -> Response {
    let mut bytes = Vec::new();
    // A connection may be reset after the response.
    let _ = within("a response", stream.read_to_end(&mut bytes)).await;
    Response::parse(&bytes)
}

/// Sends bytes on a new connection, and returns the response. Fails if the connection does before all is sent.
pub async fn try_request(server: SocketAddr, bytes: &[u8]) -> io::Result<Response> {
    Ok(receive(try_send(server, bytes).await?).await)
}

/// Sends a request to any path.
pub async fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &Headers<'_>,
    body: &str,
) -> Response {
    let host = server.to_string();
    let bytes = encode_request(method, path, &with_host(&host, headers), body);
    receive(send(server, &bytes).await).await
}

/// Sends a GET to Socket.IO's path.
pub async fn poll(server: SocketAddr, query: &str, headers: &Headers<'_>) -> Response {
    let path = format!("/socket.io/?{query}");
    request(server, "GET", &path, headers, "").await
}

/// Sends a POST in a session.
pub async fn post(
    server: SocketAddr,
    session: &str,
    headers: &Headers<'_>,
    body: &str,
) -> Response {
    let path = format!("/socket.io/?{POLLING}&sid={session}");
    request(server, "POST", &path, headers, body).await
}
