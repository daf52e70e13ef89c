//! Where an emitter sends to.

use std::{future::Future, pin::Pin, time::Duration};

use serde::Serialize;

use crate::{
    ack::{Acknowledgement, Acknowledgements, Answer, RawAnswer},
    broadcast::Broadcast,
    error::EmitError,
    namespace::Namespace,
    socket::Socket,
    wire::{Arguments, DecodeError, Message, Outgoing},
};

/// A receiver of events, and what sending to it gives back.
pub trait EmitTarget: Sized {
    /// The outcome of an event without acknowledgement.
    type Sent<'a>;
    /// The outcome of an event with an acknowledgement of type `R`.
    type Acked<'a, R: Send + 'static>;

    #[doc(hidden)]
    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a>;

    #[doc(hidden)]
    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R>;
}

/// One socket: an event is on its way when `emit` returns.
pub struct ToSocket<'s, N: Namespace> {
    pub(crate) socket: &'s Socket<N>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) volatile: bool,
}

impl<N: Namespace> EmitTarget for ToSocket<'_, N> {
    type Sent<'a> = Result<(), EmitError>;
    type Acked<'a, R: Send + 'static> = Acknowledgement<R>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        self.socket.notify_outgoing(event, &arguments);
        match self.socket.text(event, &arguments)? {
            Some(text) => self.send(event, &text),
            None => self.send(event, &Outgoing(arguments)),
        }
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        self.socket.notify_outgoing(event, &arguments);
        let sent = match self.socket.text(event, &arguments) {
            Ok(Some(text)) => self.ask(event, &text),
            Ok(None) => self.ask(event, &Outgoing(arguments)),
            Err(error) => Err(error),
        };
        Acknowledgement::new(sent, decode)
    }
}

impl<N: Namespace> ToSocket<'_, N> {
    fn send<P: Serialize>(&self, event: &str, payload: &P) -> Result<(), EmitError> {
        let socket = &self.socket.raw;
        if self.volatile {
            socket.volatile().emit(event, payload)?;
        } else {
            socket.emit(event, payload)?;
        }
        Ok(())
    }

    fn ask<P: Serialize>(&self, event: &str, payload: &P) -> Result<RawAnswer, EmitError> {
        let socket = &self.socket.raw;
        Ok(match self.timeout {
            Some(timeout) => socket.timeout(timeout).emit_with_ack(event, payload)?,
            None => socket.emit_with_ack(event, payload)?,
        })
    }
}

/// A future that sends when it is awaited.
pub type Sending<'a, T> = Pin<Box<dyn Future<Output = Result<T, EmitError>> + Send + 'a>>;

/// Many sockets: an event is sent when the future is awaited.
pub struct ToMany<N: Namespace>(pub(crate) Broadcast<N>);

impl<N: Namespace> EmitTarget for ToMany<N> {
    type Sent<'a> = Sending<'a, ()>;
    type Acked<'a, R: Send + 'static> = Sending<'a, Acknowledgements<R>>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        Box::pin(async move { self.0.send(event, arguments).await })
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        Box::pin(async move { self.0.send_with_ack(event, arguments, decode).await })
    }
}
