//! A raw client: HTTP requests and WebSocket frames, well-formed only if the test wants them to be.

use std::net::SocketAddr;

use sio_types::{Builder, SocketIo};
use sio_types_test_support::within;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Serves what `mount` mounts on a free port.
pub async fn serve(builder: Builder, mount: impl FnOnce(&SocketIo)) -> (SocketAddr, SocketIo) {
    let (layer, io) = builder.build_layer();
    mount(&io);
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, io)
}

#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

/// Sends the head of a request, and as much of its body as is given.
pub async fn send(
    server: SocketAddr,
    method: &str,
    query: &str,
    length: usize,
    body: &str,
) -> TcpStream {
    let mut stream = TcpStream::connect(server).await.expect("it listens");
    let request = format!(
        "{method} /socket.io/?{query} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    within("sending a request", stream.write_all(request.as_bytes()))
        .await
        .expect("it reads");
    stream
}

/// Reads a response to its end.
pub async fn receive(mut stream: TcpStream) -> Response {
    let mut text = String::new();
    // A connection may be reset after the response.
    let _ = within("a response", stream.read_to_string(&mut text)).await;
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
    Response {
        status: status.unwrap_or(0),
        body: body.unwrap_or_default().to_owned(),
    }
}

pub async fn request(server: SocketAddr, method: &str, query: &str, body: &str) -> Response {
    receive(send(server, method, query, body.len(), body).await).await
}

/// A session that polls.
pub struct Polling {
    pub server: SocketAddr,
    pub token: String,
}

impl Polling {
    /// Opens a session.
    pub async fn open(server: SocketAddr) -> Self {
        let response = request(server, "GET", "EIO=4&transport=polling", "").await;
        assert_eq!(response.status, 200, "{response:?}");
        let token = field(&response.body, "sid");
        Self { server, token }
    }

    /// Opens a session and joins a namespace; returns the public id as well.
    pub async fn connect(server: SocketAddr, namespace: &str) -> (Self, String) {
        let client = Self::open(server).await;
        client.post(&format!("40{namespace}")).await;
        let mut seen = String::new();
        while !seen.contains("\"sid\"") {
            seen = client.get().await.body;
        }
        let id = field(&seen, "sid");
        (client, id)
    }

    pub fn query(&self) -> String {
        format!("EIO=4&transport=polling&sid={}", self.token)
    }

    pub async fn get(&self) -> Response {
        request(self.server, "GET", &self.query(), "").await
    }

    pub async fn post(&self, body: &str) -> Response {
        request(self.server, "POST", &self.query(), body).await
    }

    /// Polls until a packet has this text, which is among what is returned; heartbeats are answered.
    pub async fn get_until(&self, text: &str) -> String {
        let mut all = String::new();
        while !all.contains(text) {
            let response = self.get().await;
            assert_eq!(response.status, 200, "{response:?} instead of {text}");
            if response.body.split('\u{1e}').any(|packet| packet == "2") {
                self.post("3").await;
            }
            all.push_str(&response.body);
        }
        all
    }
}

/// A field of a packet's JSON whose value is a string.
pub fn field(packet: &str, name: &str) -> String {
    let start = format!("\"{name}\":\"");
    let rest = packet.split_once(&start).expect("the field is there").1;
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A WebSocket.
pub struct WebSocket {
    pub stream: TcpStream,
    read: Vec<u8>,
}

impl WebSocket {
    /// Asks for a WebSocket; the response if it is refused.
    pub async fn request(server: SocketAddr, query: &str) -> Result<Self, Response> {
        let mut stream = TcpStream::connect(server).await.expect("it listens");
        let head = format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nhost: {server}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("it reads");
        let mut read = Vec::new();
        let end = loop {
            let end = read.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            let count = within("a response", stream.read_buf(&mut read)).await;
            assert!(count.expect("it answers") > 0, "it is closed");
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        if !head.starts_with("HTTP/1.1 101") {
            let length = head
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok())
                .unwrap_or(0);
            while read.len() < end + length {
                let count = within("a body", stream.read_buf(&mut read)).await;
                assert!(count.expect("it answers") > 0, "it is closed");
            }
            return Err(Response {
                status: head[9..12].parse().expect("a status"),
                body: String::from_utf8_lossy(&read[end..]).into_owned(),
            });
        }
        read.drain(..end);
        Ok(Self { stream, read })
    }

    /// Opens a session of its own.
    pub async fn open(server: SocketAddr) -> Self {
        let socket = Self::request(server, "EIO=4&transport=websocket").await;
        socket.unwrap_or_else(|response| panic!("{response:?}"))
    }

    /// Opens a session and joins a namespace.
    pub async fn connect(server: SocketAddr, namespace: &str) -> Self {
        let mut socket = Self::open(server).await;
        socket.send(&format!("40{namespace}")).await;
        socket.read_until("\"sid\"").await;
        socket.read_until("\"sid\"").await;
        socket
    }

    pub async fn send(&mut self, text: &str) {
        let frame = frame(text);
        within("sending a frame", self.stream.write_all(&frame))
            .await
            .expect("it reads");
    }

    /// Reads until a message has this text, and returns that message. Heartbeats are answered.
    pub async fn read_until(&mut self, text: &str) -> String {
        loop {
            let message = self.read().await;
            let message = message.unwrap_or_else(|| panic!("closed before {text:?}"));
            if message == "2" {
                self.send("3").await;
            }
            if message.contains(text) {
                return message;
            }
        }
    }

    /// Reads the next message; `None` at the end.
    pub async fn read(&mut self) -> Option<String> {
        loop {
            if let Some((payload, length, is_close)) = message(&self.read) {
                let text = String::from_utf8_lossy(&self.read[payload]).into_owned();
                self.read.drain(..length);
                return (!is_close).then_some(text);
            }
            match within("a frame", self.stream.read_buf(&mut self.read)).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// A text as a frame of a client.
pub fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u16::try_from(text.len()).expect("a short text") {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// The range of the first frame's payload, the frame's length, and whether it is the last.
fn message(bytes: &[u8]) -> Option<(std::ops::Range<usize>, usize, bool)> {
    let (start, length) = match *bytes.get(1)? {
        126 => (
            4,
            u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into(),
        ),
        127 => {
            let length = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            (10, usize::try_from(length).ok()?)
        }
        length => (2, usize::from(length)),
    };
    let end = start + length;
    (bytes.len() >= end).then_some((start..end, end, bytes[0] & 0x0f == 8))
}
