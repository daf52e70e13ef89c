//! Clients that do not read what the server sends.

use std::{net::SocketAddr, time::Duration};

use sio_types::EmitError;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::TIMEOUT;

/// A client in the main namespace.
pub enum StalledClient {
    WebSocket(TcpStream),
    Polling(Polling),
}

/// A session that polls only if it is told to.
pub struct Polling {
    server: SocketAddr,
    path: String,
    /// The server may take its time for this one.
    post: Option<JoinHandle<String>>,
}

impl StalledClient {
    /// One that does not read its WebSocket.
    pub async fn websocket(server: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(server).await.expect("it listens");
        let head = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("it reads");
        let mut client = Self::WebSocket(stream);
        client.send("40").await;
        client.read_until(b"40{").await;
        client
    }

    /// One that never polls.
    pub async fn polling(server: SocketAddr) -> Self {
        let path = "/socket.io/?EIO=4&transport=polling";
        let opened = request(server, "GET", path, "").await;
        let (_, session) = opened.split_once(r#""sid":""#).expect("it is opened");
        let (session, _) = session.split_once('"').expect("it ends");
        let path = format!("{path}&sid={session}");
        request(server, "POST", &path, "40").await;
        let post = None;
        Self::Polling(Polling { server, path, post })
    }

    /// Sends a packet. The connection may have ended.
    pub async fn send(&mut self, packet: &str) {
        match self {
            Self::WebSocket(stream) => {
                let len = u8::try_from(packet.len()).expect("a short one");
                let mut frame = vec![0x81, 0x80 | len, 0, 0, 0, 0];
                frame.extend_from_slice(packet.as_bytes());
                let _ = stream.write_all(&frame).await;
            }
            // It is answered when the packet was read, which is not before the client has polled.
            Self::Polling(Polling { server, path, post }) => {
                let (server, path, packet) = (*server, path.clone(), packet.to_owned());
                let posting = async move { request(server, "POST", &path, &packet).await };
                *post = Some(tokio::spawn(posting));
            }
        }
    }

    /// Returns what the server has sent, up to `part`.
    pub async fn read_until(&mut self, part: &[u8]) -> Vec<u8> {
        let Self::WebSocket(stream) = self else {
            panic!("a client that does not poll");
        };
        let mut seen = Vec::new();
        while !seen.windows(part.len()).any(|bytes| bytes == part) {
            let read = timeout(TIMEOUT, stream.read_buf(&mut seen)).await;
            let count = read.expect("the server is silent").expect("it answers");
            assert!(count > 0, "the connection was closed");
        }
        seen
    }

    /// Waits until the server has handled all that the client has sent: a POST is answered after that, and a WebSocket
    /// on which events follow a `disconnect` is closed.
    pub async fn is_handled(&mut self) {
        let stream = match self {
            Self::WebSocket(stream) => stream,
            Self::Polling(Polling { server, path, post }) => {
                while post.as_ref().is_some_and(|post| !post.is_finished()) {
                    request(*server, "GET", path, "").await;
                }
                return;
            }
        };
        let mut seen = vec![0; 1 << 16];
        let to_the_end = async {
            // Bytes that the server has not read make its end an error.
            while let Ok(1..) = stream.read(&mut seen).await {}
        };
        timeout(TIMEOUT, to_the_end)
            .await
            .expect("the connection stays open");
    }
}

/// One HTTP request on a connection of its own.
async fn request(server: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server).await.expect("it listens");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut answer = String::new();
    timeout(TIMEOUT, stream.read_to_string(&mut answer))
        .await
        .expect("the server does not answer")
        .expect("text");
    answer
}

/// Sends texts until the client has no room for any more.
pub async fn fill(emit: impl Fn(&str) -> Result<(), EmitError>) {
    let large = "x".repeat(100_000);
    let began = Instant::now();
    // A buffer is full for a moment whenever the server sends faster than its connection writes.
    let mut refused = 0;
    while refused < 30 {
        assert!(began.elapsed() < TIMEOUT, "there is still room");
        // Where there is no room for the large one, there may be for a small one.
        match emit(&large).and_then(|()| emit("")).or_else(|_| emit("")) {
            Ok(()) => refused = 0,
            Err(error) => {
                assert_eq!(error, EmitError::Full);
                refused += 1;
                sleep(Duration::from_millis(10)).await;
            }
        }
        tokio::task::yield_now().await;
    }
}
