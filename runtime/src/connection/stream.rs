//! Byte stream between one client and the engine, which extracts plain events.
//!
//! To the engine it is a WebSocket that takes all data immediately. Data that the client has not taken waits in the
//! connection's [`SendQueue`](super::send_queue::SendQueue). The task that reads the connection sends it, because the
//! engine always has one. The engine's own writer only waits while the queue is full, and for the end of the
//! connection.

mod read;
mod write;

use std::{pin::Pin, sync::Arc, task::Waker, time::Duration};

use tokio::time::Sleep;

use super::{
    carrier::Carrier,
    connection::Connection,
    frame::Frame,
    messages::{Messages, Turn},
    read_buffer::ReadBuffer,
    write_stall::WriteStall,
};
use crate::{metrics, support::log_limiter::log_limited};

/// Replacement for the OPEN packet that the engine writes, which names the session by the socket's public id.
pub(crate) enum Open {
    /// The packet was already sent, as the response to the first request.
    Sent,
    /// This packet is sent instead.
    Send(Vec<u8>),
}

/// Byte stream of one client.
///
/// It keeps the order of messages. After a frame for the engine, it handles nothing more until the engine reads again,
/// which the engine does once it has handled that frame.
pub(crate) struct EventStream<S> {
    carrier: Carrier<S>,
    messages: Messages,
    /// Present until the engine has written its OPEN packet.
    open: Option<Open>,
    /// Bytes for the engine.
    passed: ReadBuffer,
    /// Bytes that were read and not handled.
    held: ReadBuffer,
    /// Bytes that were read from a WebSocket before it replaced polling.
    early: ReadBuffer,
    /// `true` if `held` is an incomplete frame.
    is_partial: bool,
    turn: Turn,
    /// Deadline for the turn's acknowledgements, and the waker of the task that waits for them.
    rest: Option<(Pin<Box<Sleep>>, Waker)>,
    /// Deadline for a client that is not read because its events take long.
    overload: Option<Pin<Box<Sleep>>>,
    /// `true` if the acknowledgements of the last turn were sent in time.
    is_answering: bool,
    /// `true` if the carrier has to be flushed.
    needs_flush: bool,
    /// `true` if the engine has written its last frame.
    is_closing: bool,
    /// `true` if nothing more will be read.
    is_over: bool,
    /// `true` if nothing more will be sent.
    is_broken: bool,
    watch: WriteStall,
}

impl<S> EventStream<S> {
    /// Creates a stream. Events longer than `longest`, in bytes, are left to the engine. The connection ends if its
    /// client takes too little of the data within `timeout`.
    pub(crate) fn new(
        carrier: Carrier<S>,
        connection: Arc<Connection>,
        open: Open,
        longest: usize,
        timeout: Duration,
    ) -> Self {
        Self {
            carrier,
            messages: Messages::new(connection, longest),
            open: Some(open),
            passed: ReadBuffer::default(),
            held: ReadBuffer::default(),
            early: ReadBuffer::default(),
            is_partial: false,
            turn: Turn::new(),
            rest: None,
            overload: None,
            is_answering: false,
            needs_flush: false,
            is_closing: false,
            is_over: false,
            is_broken: false,
            watch: WriteStall::new(timeout),
        }
    }

    fn connection(&self) -> &Arc<Connection> {
        self.messages.connection()
    }

    /// Ends the connection for both sides.
    fn break_off(&mut self) {
        self.is_over = true;
        self.is_broken = true;
        self.watch.end();
        self.connection().queue().clear();
        self.connection().close();
    }

    /// Ends the connection of a client that does not read.
    #[cold]
    fn give_up(&mut self) {
        metrics::connection_ended("does_not_read");
        let transport = self.connection().transport();
        log_limited!(self.connection().next_line(), info, { ?transport }, "connection closed: the client does not read");
        self.break_off();
    }
}

impl<S> Drop for EventStream<S> {
    /// Runs when the engine drops its last task of the connection.
    fn drop(&mut self) {
        self.connection().end_reading(!self.messages.has_closed);
    }
}

/// Returns the OPEN packet of a session as a frame (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
pub(crate) fn open_frame(packet: &str) -> Vec<u8> {
    Frame::server_text(packet.as_bytes())
}

#[cfg(test)]
mod tests;
