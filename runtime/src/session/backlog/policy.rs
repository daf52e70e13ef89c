//! What becomes of what there is no room for.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{runtime::Handle, sync::oneshot};

use super::{Answer, Backlog};
use crate::{
    config::overflow_policy::OverflowPolicy,
    connection::connection::{Connection, connection_of},
    contract::error::EmitError,
    metrics,
    upstream::{RawSocket, extract::ack_sender, namespaces::Namespaces},
    wire::{arguments::Arguments, text::Text},
};

/// What a server does with what there is no room for.
pub(crate) struct Overflow {
    pub(crate) overflow_policy: OverflowPolicy,
    /// How many packets may wait for one connection, if they are not to wait for as long as it takes.
    pub(crate) packets: usize,
    pub(crate) namespaces: Arc<Namespaces>,
    /// That of the connections: whoever emits may be outside of it.
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

    /// Notes the runtime that connections are in.
    pub(crate) fn note_runtime(&self) {
        self.runtime.get_or_init(Handle::current);
    }
}

/// The way out of one socket, as far as its send buffer has no room.
pub(crate) struct Outbox<'s> {
    pub(crate) backlog: &'s OnceLock<Arc<Backlog>>,
    pub(crate) overflow: &'s Overflow,
    /// Absent where the connection is none of the layer's.
    pub(crate) connection: Option<&'s Arc<Connection>>,
}

impl Outbox<'_> {
    /// `true` if anything waits, which is not to be overtaken.
    pub(crate) fn is_waiting(&self) -> bool {
        self.backlog
            .get()
            .is_some_and(|backlog| backlog.is_waiting())
    }

    /// `true` if the client takes at once what it is sent.
    pub(crate) fn is_ready(&self) -> bool {
        !self.is_waiting()
            && self
                .connection
                .is_none_or(|connection| connection.is_ready())
    }

    /// Sends an event of this many bytes, if there is room for it.
    pub(crate) fn send<T>(
        &self,
        bytes: usize,
        send: impl FnOnce() -> Result<T, EmitError>,
    ) -> Result<T, EmitError> {
        let has_room = |connection: &Arc<Connection>| {
            let queue = connection.queue();
            let waits = self.overflow.overflow_policy == OverflowPolicy::Wait;
            (waits || queue.packets() < self.overflow.packets) && queue.has_room(bytes)
        };
        if self.is_waiting() || !self.connection.is_none_or(has_room) {
            return Err(EmitError::Full);
        }
        self.give(bytes, send)
    }

    /// Sends the acknowledgement that the client has asked for by this id, or keeps it until there is room.
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
        let has_room = |connection: &Arc<Connection>| connection.queue().has_room_for_answer();
        if self.is_waiting() || !self.connection.is_none_or(has_room) {
            return Err(EmitError::Full);
        }
        self.give(bytes, send)
    }

    /// Gives the engine something to send.
    fn give<T>(
        &self,
        bytes: usize,
        send: impl FnOnce() -> Result<T, EmitError>,
    ) -> Result<T, EmitError> {
        let Some(connection) = self.connection else {
            return send();
        };
        connection.queue().enter_engine(bytes);
        let sent = send();
        if sent.is_err() {
            connection.queue().leave_engine(bytes);
        }
        sent
    }

    /// The same with an event that the parser encodes.
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

    /// The same with an acknowledgement that the parser encodes.
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

    /// Does with an event what is to be done with it.
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
                tracing::debug!(namespace, socket = %socket.id, event, "an event was dropped: the send buffer is full");
                Ok(())
            }
            OverflowPolicy::Disconnect => disconnect(socket),
        }
    }

    /// The same with an event that asks for an acknowledgement.
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
            OverflowPolicy::Disconnect => disconnect(socket),
        }
    }

    /// Keeps an acknowledgement that the client has asked for.
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
        // Both are there as long as the socket is connected.
        let (adapter, runtime) = adapter.zip(runtime.cloned()).ok_or(EmitError::Closed)?;
        let backlog = || {
            let connection = self.connection.cloned();
            Backlog::new(Arc::downgrade(socket), adapter, runtime, connection)
        };
        Ok(self.backlog.get_or_init(backlog))
    }
}

fn disconnect<T>(socket: &RawSocket) -> Result<T, EmitError> {
    // Who sends much at once comes here again and again.
    if let Some(connection) = connection_of(socket)
        && connection.close()
    {
        metrics::connection_ended("send_queue_full");
        tracing::info!(
            namespace = socket.ns(),
            socket = %socket.id,
            "the connection of a client is ended: its send buffer is full"
        );
    }
    Err(EmitError::Full)
}
