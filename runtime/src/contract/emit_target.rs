//! Where an emitter sends to.

use crate::wire::{
    acknowledgement::Answer,
    arguments::Arguments,
    message::{DecodeError, Message},
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
