//! WebSockets.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::{
    BINARY, Headers, Response, TEXT, WEBSOCKET, encode_upgrade, frame, http::with_host, text_frame,
};
use crate::within;

/// A client's end of a WebSocket.
#[derive(Debug)]
pub struct WebSocket<S = TcpStream> {
    /// The connection, for bytes that are not whole frames.
    pub stream: S,
    /// Bytes that were read and not yet returned.
    input: Vec<u8>,
    answers_heartbeats: bool,
}

impl WebSocket {
    /// Requests a WebSocket; returns the response if the server rejects it.
    pub async fn open(
        server: SocketAddr,
        query: &str,
        headers: &Headers<'_>,
    ) -> Result<Self, Response> {
        let stream = TcpStream::connect(server).await.expect("it listens");
        stream.set_nodelay(true).expect("it is open");
        let host = server.to_string();
        Self::upgrade(stream, query, &with_host(&host, headers), &[]).await
    }

    /// Opens a session and connects to a namespace, written as in packets: empty for `/`, otherwise with a comma at
    /// its end.
    pub async fn connect(server: SocketAddr, namespace: &str) -> Self {
        let opened = Self::open(server, WEBSOCKET, &[]).await;
        let mut socket = opened.expect("the server accepts the upgrade");
        socket.send(&format!("40{namespace}")).await;
        let connected = format!("40{namespace}{{");
        socket
            .until(|message| message.starts_with(&connected))
            .await;
        socket
    }

    /// Splits the connection into a half that reads and one that writes.
    pub fn into_split(self) -> (WebSocket<OwnedReadHalf>, WebSocket<OwnedWriteHalf>) {
        let (reading, writing) = self.stream.into_split();
        let reading = WebSocket {
            stream: reading,
            input: self.input,
            answers_heartbeats: false,
        };
        let writing = WebSocket {
            stream: writing,
            input: Vec::new(),
            answers_heartbeats: false,
        };
        (reading, writing)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Requests a WebSocket on a connection, and sends `first` together with the request. Returns the response if the
    /// server rejects it.
    pub async fn upgrade(
        mut stream: S,
        query: &str,
        headers: &Headers<'_>,
        first: &[u8],
    ) -> Result<Self, Response> {
        let request = [encode_upgrade(query, headers), first.to_vec()].concat();
        stream.write_all(&request).await.expect("it is open");
        let mut input = Vec::new();
        let head = loop {
            let end = input.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            let count = within("a response", stream.read_buf(&mut input)).await;
            assert!(count.expect("it answers") > 0, "the connection was closed");
        };
        if input.starts_with(b"HTTP/1.1 101 ") {
            input.drain(..head);
            return Ok(Self {
                stream,
                input,
                answers_heartbeats: true,
            });
        }
        let length = Response::parse(&input[..head]);
        let length = length.header("content-length").unwrap_or("0");
        let length: usize = length.parse().expect("a number");
        while input.len() < head + length {
            let count = within("a body", stream.read_buf(&mut input)).await;
            assert!(count.expect("it answers") > 0, "the connection was closed");
        }
        Err(Response::parse(&input))
    }

    /// Leaves heartbeats without an answer.
    pub fn without_heartbeats(mut self) -> Self {
        self.answers_heartbeats = false;
        self
    }

    /// Returns the next message that is not a heartbeat, or `None` at the end of the connection. Heartbeats are
    /// answered meanwhile.
    pub async fn message(&mut self) -> Option<String> {
        loop {
            let (opcode, content) = self.frame().await?;
            let is_heartbeat = opcode == TEXT && content == "2";
            if is_heartbeat && self.answers_heartbeats {
                self.send("3").await;
            }
            if !is_heartbeat && matches!(opcode, TEXT | BINARY) {
                return Some(content);
            }
        }
    }

    /// Reads messages until one fulfils a condition, and returns that one.
    pub async fn until(&mut self, condition: impl Fn(&str) -> bool) -> String {
        loop {
            let message = self.message().await;
            let message = message.expect("the connection is open until the message comes");
            if condition(&message) {
                return message;
            }
        }
    }

    /// Reads messages until one contains a text, and returns that one.
    pub async fn until_contains(&mut self, text: &str) -> String {
        self.until(|message| message.contains(text)).await
    }

    /// Waits for the end of the connection.
    pub async fn end(&mut self) {
        while self.message().await.is_some() {}
    }
}

impl<S: AsyncRead + Unpin> WebSocket<S> {
    /// Returns the opcode and the content of the next frame; `None` at the end of the connection.
    pub async fn frame(&mut self) -> Option<(u8, String)> {
        loop {
            if let Some(length) = frame::frame_length(&self.input) {
                let (start, _) = frame::header(&self.input)?;
                let content = String::from_utf8_lossy(&self.input[start..length]).into_owned();
                let opcode = self.input[0] & 0x0f;
                self.input.drain(..length);
                return Some((opcode, content));
            }
            let read = within("a frame", self.stream.read_buf(&mut self.input)).await;
            // Bytes that the server has not read turn the end into an error.
            if read.unwrap_or(0) == 0 {
                return None;
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> WebSocket<S> {
    /// Sends a text message. The server may have closed the connection already.
    pub async fn send(&mut self, message: &str) {
        self.send_bytes(&text_frame(message)).await;
    }

    /// Sends bytes. The server may have closed the connection already.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.try_send_bytes(bytes).await;
    }

    /// Sends bytes; fails if the connection does.
    pub async fn try_send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        within("the server to read a frame", self.stream.write_all(bytes)).await
    }
}
