//! Clients that do not read what the server sends.

use std::{net::SocketAddr, time::Duration};

use sio_types::EmitError;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{Polling, Response, WebSocket};
use crate::{TIMEOUT, within};

/// A client in the namespace `/` that reads only when the test requests it.
#[derive(Debug)]
pub enum StalledClient {
    /// A client with a WebSocket.
    WebSocket(WebSocket),
    /// A client that polls.
    Polling {
        /// The client's session.
        session: Polling,
        /// The last POST. The server answers it when it has read the packet, which may be after the next poll.
        post: Option<JoinHandle<Response>>,
    },
}

impl StalledClient {
    /// Connects by WebSocket.
    pub async fn websocket(server: SocketAddr) -> Self {
        let socket = WebSocket::connect(server, "").await;
        Self::WebSocket(socket.without_heartbeats())
    }

    /// Connects by polling, and never polls.
    pub async fn polling(server: SocketAddr) -> Self {
        let session = Polling::open(server).await;
        session.post("40").await;
        Self::Polling {
            session,
            post: None,
        }
    }

    /// Sends a packet. The connection may have ended.
    pub async fn send(&mut self, packet: &str) {
        match self {
            Self::WebSocket(socket) => socket.send(packet).await,
            Self::Polling { session, post } => {
                let (session, packet) = (session.clone(), packet.to_owned());
                let posting = async move { session.post(&packet).await };
                *post = Some(tokio::spawn(posting));
            }
        }
    }

    /// Reads messages up to one, and returns all of them. Panics for a client that polls.
    pub async fn read_up_to(&mut self, last: &str) -> Vec<String> {
        let Self::WebSocket(socket) = self else {
            panic!("the client never polls");
        };
        let mut messages = Vec::new();
        while messages.last().is_none_or(|message| message != last) {
            let message = socket.message().await;
            messages.push(message.unwrap_or_else(|| panic!("closed after {messages:?}")));
        }
        messages
    }

    /// Waits until the server has handled all that the client has sent. It answers a POST after that, and closes a
    /// WebSocket on which events follow a `disconnect`.
    pub async fn handled(&mut self) {
        match self {
            Self::WebSocket(socket) => within("the end of the connection", socket.end()).await,
            Self::Polling { session, post } => {
                let answered = async {
                    while post.as_ref().is_some_and(|post| !post.is_finished()) {
                        session.get().await;
                    }
                };
                within("the answer to the POST", answered).await;
            }
        }
    }
}

/// Emits texts until the client's send buffer is full.
pub async fn fill(emit: impl Fn(&str) -> Result<(), EmitError>) {
    let large = "x".repeat(100_000);
    let began = Instant::now();
    // A buffer is full for a moment whenever the server sends faster than its connection writes.
    let mut rejected = 0;
    while rejected < 30 {
        assert!(
            began.elapsed() < TIMEOUT,
            "the buffer is not full after {TIMEOUT:?}"
        );
        // A buffer without room for the large text may have room for the small one.
        match emit(&large).and_then(|()| emit("")).or_else(|_| emit("")) {
            Ok(()) => rejected = 0,
            Err(error) => {
                assert_eq!(error, EmitError::Full);
                rejected += 1;
                sleep(Duration::from_millis(10)).await;
            }
        }
        tokio::task::yield_now().await;
    }
}
