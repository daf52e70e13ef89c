//! Overflow policy: handling of packets that do not fit into the send buffer.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{runtime::Handle, sync::oneshot};

use super::{Answer, Backlog};
use crate::{
    config::overflow_policy::OverflowPolicy,
    connection::connection::Connection,
    contract::error::EmitError,
    metrics,
    upstream::{RawSocket, extract::ack_sender, namespaces::Namespaces},
    wire::{arguments::Arguments, text::Text},
};

/// Overflow settings of a server.
pub(crate) struct Overflow {
    pub(crate) overflow_policy: OverflowPolicy,
    /// Maximum number of packets that may wait for one connection, except under [`OverflowPolicy::Wait`].
    pub(crate) packets: usize,
    pub(crate) namespaces: Arc<Namespaces>,
    /// Runtime of the connections; callers may emit from outside of it.
    runtime: OnceLock<Handle>,
}

impl Overflow {
    pub(crate) fn new(
        overflow_policy: OverflowPolicy,
        packets: usize,
        namespaces: Arc<Namespaces>,
    ) -> Self {
        Self {
            overflow_policy,
            packets,
            namespaces,
            runtime: OnceLock::new(),
        }
    }

    /// Records the runtime that the connections run in.
    pub(crate) fn note_runtime(&self) {
        self.runtime.get_or_init(Handle::current);
    }
}

/// Outgoing queue of one socket, including its backlog while the send buffer is full.
pub(crate) struct Outbox<'s> {
    pub(crate) backlog: &'s OnceLock<Arc<Backlog>>,
    pub(crate) overflow: &'s Overflow,
    pub(crate) connection: &'s Arc<Connection>,
}

impl Outbox<'_> {
    /// Returns `true` if packets wait, which new packets must not overtake.
    pub(crate) fn is_waiting(&self) -> bool {
        self.backlog
            .get()
            .is_some_and(|backlog| backlog.is_waiting())
    }

    /// Returns `true` if the client can receive an event immediately.
    pub(crate) fn is_ready(&self) -> bool {
        !self.is_waiting() && self.connection.is_ready()
    }

    /// Sends an event of this many bytes, if there is room for it.
    pub(crate) fn send<T>(
        &self,
        bytes: usize,
        send: impl FnOnce() -> Result<T, EmitError>,
    ) -> Result<T, EmitError> {
        let queue = self.connection.queue();
        let waits = self.overflow.overflow_policy == OverflowPolicy::Wait;
        let has_room = (waits || queue.packets() < self.overflow.packets) && queue.has_room(bytes);
        if self.is_waiting() || !has_room {
            return Err(EmitError::Full);
        }
        self.give(bytes, send)
    }

    /// Sends the acknowledgement with this id to the client, or queues it until there is room.
    pub(crate) fn acknowledge(
        &self,
        socket: &Arc<RawSocket>,
        is_json: bool,
        id: i64,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        let sent = match Text::encode(is_json, None, arguments)? {
            Some(text) => self.send_answer(text.len(), || Ok(ack_sender(socket, id).send(&text)?)),
            None => self.send_answer_value(socket, id, arguments),
        };
        match sent {
            Err(EmitError::Full) => self.keep_answer(socket, id, arguments),
            sent => sent,
        }
    }

    /// Sends an acknowledgement of this many bytes, if there is room for one.
    fn send_answer(
        &self,
        bytes: usize,
        send: impl FnOnce() -> Result<(), EmitError>,
    ) -> Result<(), EmitError> {
        if self.is_waiting() || !self.connection.queue().has_room_for_answer() {
            return Err(EmitError::Full);
        }
        self.give(bytes, send)
    }

    /// Passes a packet to the engine, and counts its bytes.
    fn give<T>(
        &self,
        bytes: usize,
        send: impl FnOnce() -> Result<T, EmitError>,
    ) -> Result<T, EmitError> {
        let queue = self.connection.queue();
        queue.enter_engine(bytes);
        let sent = send();
        if sent.is_err() {
            queue.leave_engine(bytes);
        }
        sent
    }

    /// Sends an event that the parser encodes, if there is room for it.
    pub(crate) fn send_value(
        &self,
        socket: &Arc<RawSocket>,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        let backlog = self.backlog(socket)?;
        let (packet, bytes) = backlog.event(event, arguments)?;
        self.send(bytes, || backlog.deliver(socket, packet))
    }

    /// Sends an acknowledgement that the parser encodes, if there is room for one.
    fn send_answer_value(
        &self,
        socket: &Arc<RawSocket>,
        id: i64,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        let backlog = self.backlog(socket)?;
        let (packet, bytes) = backlog.answer(id, arguments)?;
        self.send_answer(bytes, || backlog.deliver(socket, packet))
    }

    /// Applies the overflow policy to an event.
    #[cold]
    pub(crate) fn event(
        &self,
        socket: &Arc<RawSocket>,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        match self.overflow.overflow_policy {
            OverflowPolicy::Wait => self.backlog(socket)?.keep_event(event, arguments),
            OverflowPolicy::Refuse => Err(EmitError::Full),
            OverflowPolicy::Drop => {
                metrics::event_dropped();
                let namespace = socket.ns();
                tracing::debug!(namespace, socket = %socket.id, event, "event dropped: send buffer full");
                Ok(())
            }
            OverflowPolicy::Disconnect => self.disconnect(socket),
        }
    }

    /// Applies the overflow policy to an event that asks for an acknowledgement.
    #[cold]
    pub(crate) fn question(
        &self,
        socket: &Arc<RawSocket>,
        event: &str,
        arguments: &dyn Arguments,
        timeout: Option<Duration>,
    ) -> Result<oneshot::Receiver<Answer>, EmitError> {
        match self.overflow.overflow_policy {
            OverflowPolicy::Wait => self
                .backlog(socket)?
                .keep_question(event, arguments, timeout),
            OverflowPolicy::Refuse | OverflowPolicy::Drop => Err(EmitError::Full),
            OverflowPolicy::Disconnect => self.disconnect(socket),
        }
    }

    /// Queues an acknowledgement that the client has asked for.
    #[cold]
    fn keep_answer(
        &self,
        socket: &Arc<RawSocket>,
        id: i64,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        self.backlog(socket)?.keep_answer(id, arguments)
    }

    fn backlog(&self, socket: &Arc<RawSocket>) -> Result<&Arc<Backlog>, EmitError> {
        if let Some(backlog) = self.backlog.get() {
            return Ok(backlog);
        }
        let adapter = self.overflow.namespaces.adapter(socket.ns());
        let runtime = self.overflow.runtime.get();
        // Both exist as long as the socket is connected.
        let (adapter, runtime) = adapter.zip(runtime.cloned()).ok_or(EmitError::Closed)?;
        let backlog = || {
            let connection = self.connection.clone();
            Backlog::new(Arc::downgrade(socket), adapter, runtime, connection)
        };
        Ok(self.backlog.get_or_init(backlog))
    }

    fn disconnect<T>(&self, socket: &RawSocket) -> Result<T, EmitError> {
        // A handler that sends many events gets here repeatedly, but closes the connection only once.
        if self.connection.close() {
            metrics::connection_ended("send_queue_full");
            tracing::info!(
                namespace = socket.ns(),
                socket = %socket.id,
                "connection closed: send buffer full"
            );
        }
        Err(EmitError::Full)
    }
}
