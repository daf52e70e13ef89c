//! Where an emitter sends to.

use std::{future::Future, pin::Pin, time::Duration};

use crate::{
    ack::{Acknowledgement, Acknowledgements, Answer},
    broadcast::Broadcast,
    error::EmitError,
    namespace::Namespace,
    socket::Socket,
    wire::{Arguments, DecodeError, Message, Outgoing, RawArguments},
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
        let payload = Outgoing(arguments);
        if self.volatile {
            self.socket.raw.volatile().emit(event, &payload)?;
        } else {
            self.socket.raw.emit(event, &payload)?;
        }
        Ok(())
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        self.socket.notify_outgoing(event, &arguments);
        let payload = Outgoing(arguments);
        let sent = match self.timeout {
            Some(timeout) => self
                .socket
                .raw
                .timeout(timeout)
                .emit_with_ack::<_, RawArguments>(event, &payload),
            None => self
                .socket
                .raw
                .emit_with_ack::<_, RawArguments>(event, &payload),
        };
        Acknowledgement::new(sent.map_err(EmitError::from), decode)
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
