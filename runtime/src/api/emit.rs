//! Targets of emits.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::Serialize;

use super::broadcast::Broadcast;
use crate::{
    contract::{
        emit_target::EmitTarget,
        error::{AckError, EmitError},
        namespace::Namespace,
    },
    metrics,
    session::{
        acknowledgement::{
            AckObserver, AckSource, Acknowledgement, Acknowledgements, Pending, RawAnswer,
        },
        backlog::policy::Outbox,
        socket::Socket,
    },
    upstream::RawSocket,
    wire::{
        acknowledgement::Answer,
        arguments::{Arguments, Outgoing},
        message::{DecodeError, Message},
        text::Text,
    },
};

/// Emit target for one socket: the server sends or queues the event before the emitter's method returns.
///
/// An event without an acknowledgement returns `Result<(), EmitError>`, and an event with one returns an
/// [`Acknowledgement`]. See [`Socket::emit`].
pub struct SocketTarget<'s, N: Namespace> {
    pub(crate) socket: &'s Socket<N>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) volatile: bool,
}

impl<N: Namespace> EmitTarget for SocketTarget<'_, N> {
    type Sent<'a> = Result<(), EmitError>;
    type Acked<'a, R: Send + 'static> = Acknowledgement<R>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        let traffic = &self.socket.state.shared.traffic;
        let sent = self.send(event, &arguments);
        traffic.sent(event, sent.as_ref().err());
        sent
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        let shared = &self.socket.state.shared;
        let sent = self.ask(event, &arguments);
        match &sent {
            Ok(_) => shared.traffic.sent(event, None),
            Err(AckError::Emit(error)) => shared.traffic.sent(event, Some(error)),
            Err(_) => {}
        }
        Acknowledgement::new(sent, decode, AckObserver::new(event, shared))
    }
}

impl<N: Namespace> SocketTarget<'_, N> {
    fn send(self, event: &'static str, arguments: &dyn Arguments) -> Result<(), EmitError> {
        if self.socket.state.is_disconnected() {
            return Err(EmitError::Closed);
        }
        self.socket.notify_outgoing(event, arguments);
        let Socket { raw, state } = self.socket;
        let outbox = state.outbox();
        if self.volatile {
            if !outbox.is_ready() {
                metrics::event_dropped();
                return Ok(());
            }
            return send_volatile(raw, state.is_json, event, arguments);
        }
        match send(&outbox, raw, state.is_json, event, arguments) {
            Err(EmitError::Full) => outbox.event(raw, event, arguments),
            sent => sent,
        }
    }

    fn ask(
        self,
        event: &'static str,
        arguments: &dyn Arguments,
    ) -> Result<(AckSource, Pending), AckError> {
        let Socket { raw, state } = self.socket;
        if state.is_disconnected() {
            return Err(EmitError::Closed.into());
        }
        let pending = state.pending_acks.add(state.shared.limits.pending_acks)?;
        self.socket.notify_outgoing(event, arguments);
        let outbox = state.outbox();
        let source = match ask(&outbox, raw, state.is_json, self.timeout, event, arguments) {
            Err(EmitError::Full) => outbox
                .question(raw, event, arguments, self.timeout)
                .map(AckSource::Queued),
            source => source.map(AckSource::Sent),
        };
        Ok((source?, pending))
    }
}

// JSON packets without binary data are encoded as text; the parser encodes all others. These functions are the same for
// all namespaces.

fn send(
    outbox: &Outbox<'_>,
    socket: &Arc<RawSocket>,
    is_json: bool,
    event: &str,
    arguments: &dyn Arguments,
) -> Result<(), EmitError> {
    match Text::encode(is_json, Some(event), arguments)? {
        Some(text) => outbox.send(text.len(), || Ok(socket.emit(event, &text)?)),
        None => outbox.send_value(socket, event, arguments),
    }
}

fn send_volatile(
    socket: &RawSocket,
    is_json: bool,
    event: &str,
    arguments: &dyn Arguments,
) -> Result<(), EmitError> {
    match Text::encode(is_json, Some(event), arguments)? {
        Some(text) => socket.volatile().emit(event, &text)?,
        None => socket.volatile().emit(event, &Outgoing(arguments))?,
    }
    Ok(())
}

/// Assumed size of an event with acknowledgement that the parser encodes, in bytes. Only the parser knows the real
/// size.
const QUESTION: usize = 1024;

fn ask(
    outbox: &Outbox<'_>,
    socket: &RawSocket,
    is_json: bool,
    timeout: Option<Duration>,
    event: &str,
    arguments: &dyn Arguments,
) -> Result<RawAnswer, EmitError> {
    fn ask(
        socket: &RawSocket,
        timeout: Option<Duration>,
        event: &str,
        payload: &impl Serialize,
    ) -> Result<RawAnswer, EmitError> {
        Ok(match timeout {
            Some(timeout) => socket.timeout(timeout).emit_with_ack(event, payload)?,
            None => socket.emit_with_ack(event, payload)?,
        })
    }
    match Text::encode(is_json, Some(event), arguments)? {
        Some(text) => outbox.send(text.len(), || ask(socket, timeout, event, &text)),
        None => outbox.send(QUESTION, || {
            ask(socket, timeout, event, &Outgoing(arguments))
        }),
    }
}

/// Boxed future of an emit or another action on sockets; nothing happens before it is awaited.
pub type EmitFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, EmitError>> + Send + 'a>>;

/// Emit target for many sockets: the emitter's method returns a future that sends the event when awaited.
///
/// The future of an event without an acknowledgement resolves to `Result<(), EmitError>`. With an acknowledgement, it
/// resolves to a stream of [`Acknowledgements`]. See [`Broadcast::emit`].
pub struct BroadcastTarget<N: Namespace>(pub(crate) Broadcast<N>);

impl<N: Namespace> EmitTarget for BroadcastTarget<N> {
    type Sent<'a> = EmitFuture<'a, ()>;
    type Acked<'a, R: Send + 'static> = EmitFuture<'a, Acknowledgements<R>>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        Box::pin(self.0.send(event, Box::new(arguments)))
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        let watch = self.0.watch(event);
        let asking = self.0.send_with_ack(event, Box::new(arguments));
        Box::pin(async move { Ok(Acknowledgements::new(asking.await?, decode, watch)) })
    }
}
