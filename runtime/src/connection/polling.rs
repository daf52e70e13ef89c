//! HTTP long-polling (<https://socket.io/docs/v4/how-it-works/#http-long-polling>).
//!
//! The engine never sees it. A session that begins with polling is a WebSocket to the engine from its first byte. The
//! engine writes frames, which wait in the connection's [`SendQueue`](super::send_queue) until a GET takes them. The
//! packets of a POST become frames for the engine to read. An upgrade puts a real WebSocket below the same stream. Both
//! transports therefore share one order of events, one limit on the data that waits, and one way to end.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::{
    connection::Connection,
    packet::CLOSE,
    payload::{Incoming, encode},
    protocol_error::ProtocolError,
};
use crate::protocol::DisconnectReason;

/// Response to a GET when there is nothing to send (<https://socket.io/docs/v4/engine-io-protocol/#packet-encoding>).
const NOOP: &[u8] = b"6";

/// Byte stream of a WebSocket.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub(crate) type BoxedStream = Box<dyn Stream>;

/// State of the requests of a session that began with polling.
pub(crate) struct Polling {
    state: Mutex<State>,
    /// Wakes the GET that waits for something to send.
    getter: AtomicWaker,
    /// Wakes the POST that waits until its packets have been read.
    poster: AtomicWaker,
}

struct State {
    get: Get,
    post: Post,
    upgrade: Upgrade,
    /// `true` if the engine has ended the session.
    is_ended: bool,
}

enum Get {
    /// No GET is pending; the last one ended at this time.
    Idle(Instant),
    /// A GET waits for something to send.
    Waiting,
    /// The response is being sent; the HTTP server took a piece of it at this time.
    Sending(Instant),
}

enum Post {
    Idle,
    /// The body is being received.
    Receiving,
    /// The packets are being read.
    Reading(Incoming),
}

enum Upgrade {
    None,
    /// A WebSocket was opened for the session, but no data has arrived on it.
    Requested,
    /// The client has tested the WebSocket and waits for its GET to end.
    Probed,
    /// The connection has to continue on this stream, which begins with these bytes.
    Ready(BoxedStream, Vec<u8>),
    Done,
}

impl Polling {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                get: Get::Idle(Instant::now()),
                post: Post::Idle,
                upgrade: Upgrade::None,
                is_ended: false,
            }),
            getter: AtomicWaker::new(),
            poster: AtomicWaker::new(),
        }
    }

    /// Returns the time since which the client could have fetched packets and has not. Returns `None` while a GET
    /// waits, or during an upgrade.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        match *self.state() {
            State {
                get: Get::Idle(since) | Get::Sending(since),
                upgrade: Upgrade::None | Upgrade::Requested,
                ..
            } => Some(since),
            _ => None,
        }
    }

    /// Returns `true` if a GET waits for something to send.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.state().get, Get::Waiting)
    }

    /// Reads the packets of a POST as frames; returns `false` if there is no POST to read. A new POST wakes the reader
    /// of the connection.
    pub(crate) fn read(&self, output: &mut ReadBuf<'_>) -> bool {
        let mut state = self.state();
        let Post::Reading(incoming) = &mut state.post else {
            return false;
        };
        incoming.read(output);
        if incoming.is_empty() {
            state.post = Post::Idle;
            self.poster.wake();
        }
        true
    }

    /// Takes the WebSocket on which the session continues, with the bytes that were already read from it. The packets
    /// of an earlier POST come first.
    pub(crate) fn take_upgrade(&self) -> Option<(BoxedStream, Vec<u8>)> {
        let mut state = self.state();
        if !matches!(state.post, Post::Idle) {
            return None;
        }
        match std::mem::replace(&mut state.upgrade, Upgrade::Done) {
            Upgrade::Ready(stream, read) => Some((stream, read)),
            other => {
                state.upgrade = other;
                None
            }
        }
    }

    /// Wakes the pending GET when there is something to send.
    pub(crate) fn wake_getter(&self) {
        self.getter.wake();
    }

    /// Ends the requests when the engine has ended the session; returns `true` if a GET may still fetch the last
    /// packets.
    pub(crate) fn end(&self) -> bool {
        let mut state = self.state();
        state.is_ended = true;
        state.post = Post::Idle;
        let is_polling = !matches!(state.upgrade, Upgrade::Ready(..) | Upgrade::Done);
        let after = match is_polling {
            true => Upgrade::None,
            false => Upgrade::Done,
        };
        let unused = std::mem::replace(&mut state.upgrade, after);
        drop(state);
        drop(unused);
        self.getter.wake();
        self.poster.wake();
        is_polling
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn poll_payload(connection: &Connection, context: &Context<'_>) -> Poll<Vec<u8>> {
    let Some(polling) = connection.polling() else {
        return Poll::Ready(NOOP.to_vec());
    };
    polling.getter.register(context.waker());
    // The lock is held so that the GET takes no packets that a WebSocket is about to send.
    let state = polling.state();
    if !matches!(state.upgrade, Upgrade::None | Upgrade::Requested) {
        return Poll::Ready(NOOP.to_vec());
    }
    let body = encode(connection.queue(), connection.max_payload());
    let is_ended = state.is_ended;
    drop(state);
    if !body.is_empty() {
        connection.wake_stream();
        return Poll::Ready(body);
    }
    if connection.is_closed() {
        Poll::Ready(CLOSE.to_vec())
    } else if is_ended {
        Poll::Ready(NOOP.to_vec())
    } else {
        Poll::Pending
    }
}

impl Polling {
    pub(crate) fn poll_ended(&self, context: &Context<'_>) -> Poll<()> {
        self.poster.register(context.waker());
        match self.state().is_ended {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    /// Becomes ready when the packets of the POST have been read, or never will be.
    pub(crate) fn poll_read(&self, context: &Context<'_>) -> Poll<()> {
        self.poster.register(context.waker());
        match self.state().post {
            Post::Reading(_) => Poll::Pending,
            Post::Idle | Post::Receiving => Poll::Ready(()),
        }
    }
}

/// POST whose body is being received.
pub(crate) struct Receiving<'l> {
    connection: &'l Connection,
    polling: &'l Polling,
    is_complete: bool,
}

impl<'l> Receiving<'l> {
    pub(crate) fn begin(
        connection: &'l Connection,
        polling: &'l Polling,
    ) -> Result<Self, ProtocolError> {
        let mut state = polling.state();
        if state.is_ended {
            return Err(ProtocolError::UnknownSession);
        }
        if matches!(state.upgrade, Upgrade::Ready(..) | Upgrade::Done) {
            return Err(ProtocolError::BadRequest);
        }
        if !matches!(state.post, Post::Idle) {
            drop(state);
            // As in Node: the order of the packets of two simultaneous POSTs is undefined.
            connection.fail(DisconnectReason::TransportError);
            return Err(ProtocolError::BadRequest);
        }
        state.post = Post::Receiving;
        Ok(Self {
            connection,
            polling,
            is_complete: false,
        })
    }

    pub(crate) fn complete(mut self, body: Bytes) {
        self.is_complete = true;
        let mut state = self.polling.state();
        if !state.is_ended {
            state.post = match body.is_empty() {
                true => Post::Idle,
                false => Post::Reading(Incoming::new(body)),
            };
        }
        drop(state);
        self.connection.wake_stream();
    }
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        if self.is_complete {
            return;
        }
        let mut state = self.polling.state();
        if matches!(state.post, Post::Receiving) {
            state.post = Post::Idle;
        }
        let is_ended = state.is_ended;
        drop(state);
        if !is_ended {
            // As in Node: the content of the body is lost, but the client believes that it was sent.
            self.connection.fail(DisconnectReason::TransportError);
        }
    }
}

/// GET, from its request until all of its response was taken.
pub(crate) struct Transfer(Option<Arc<Connection>>);

impl Transfer {
    pub(crate) fn begin(connection: &Arc<Connection>) -> Result<Self, ProtocolError> {
        let polling = connection.polling().ok_or(ProtocolError::BadRequest)?;
        let mut state = polling.state();
        if matches!(state.upgrade, Upgrade::Ready(..) | Upgrade::Done) {
            return Err(ProtocolError::BadRequest);
        }
        if state.is_ended && connection.queue().is_empty() {
            return Err(ProtocolError::UnknownSession);
        }
        if !matches!(state.get, Get::Idle(_)) {
            drop(state);
            connection.fail(DisconnectReason::MultipleHttpPollingError);
            return Err(ProtocolError::BadRequest);
        }
        state.get = Get::Waiting;
        Ok(Self(Some(connection.clone())))
    }

    /// Notes that the HTTP server has taken some of the response.
    pub(crate) fn note_progress(&self) {
        if let Some(connection) = &self.0
            && let Some(polling) = connection.polling()
        {
            polling.state().get = Get::Sending(Instant::now());
            // The reader measures the time since the last progress.
            connection.wake_reader();
        }
    }

    /// Notes that the HTTP server has taken the whole response.
    pub(crate) fn complete(mut self) {
        let Some(connection) = self.0.take() else {
            return;
        };
        if let Some(polling) = connection.polling() {
            polling.state().get = Get::Idle(Instant::now());
        }
        connection.wake_stream();
    }
}

impl std::fmt::Debug for Transfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transfer")
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // As in Node: the client is gone, and the packets in the response are lost.
            connection.fail(DisconnectReason::TransportClose);
        }
    }
}

/// WebSocket that is about to replace polling.
pub(crate) struct Probe(Arc<Connection>);

impl Probe {
    /// Begins the test of a WebSocket; returns `None` if the session already has one, or has ended.
    pub(crate) fn begin(connection: &Arc<Connection>) -> Option<Self> {
        let mut state = connection.polling()?.state();
        if state.is_ended || !matches!(state.upgrade, Upgrade::None) {
            return None;
        }
        state.upgrade = Upgrade::Requested;
        Some(Self(connection.clone()))
    }

    /// Notes that the client has tested the WebSocket, and responds to the pending GET, which the client waits for.
    pub(crate) fn note_tested(&self) {
        if let Some(polling) = self.0.polling() {
            polling.state().upgrade = Upgrade::Probed;
            polling.getter.wake();
        }
    }

    /// Continues the session on the WebSocket, which begins with these bytes.
    pub(crate) fn complete(self, stream: BoxedStream, read: Vec<u8>) {
        let Some(polling) = self.0.polling() else {
            return;
        };
        let mut state = polling.state();
        if !state.is_ended {
            state.upgrade = Upgrade::Ready(stream, read);
        }
        drop(state);
        polling.getter.wake();
        self.0.wake_stream();
    }
}

impl Drop for Probe {
    /// Continues with polling if the upgrade failed.
    fn drop(&mut self) {
        let Some(polling) = self.0.polling() else {
            return;
        };
        let mut state = polling.state();
        if matches!(state.upgrade, Upgrade::Requested | Upgrade::Probed) {
            state.upgrade = Upgrade::None;
            if matches!(state.get, Get::Idle(_)) {
                state.get = Get::Idle(Instant::now());
            }
        }
        drop(state);
        polling.getter.wake();
        self.0.wake_stream();
    }
}
