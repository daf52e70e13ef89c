//! Targets of emitters.

use crate::wire::{
    acknowledgement::Answer,
    arguments::Arguments,
    message::{DecodeError, Message},
};

/// Target of an emitter, and the results of sending to it.
///
/// An application does not implement it; `emit()` of a socket, a broadcast or another selection creates the target.
pub trait EmitTarget: Sized {
    /// Result of an event without acknowledgement.
    type Sent<'a>;
    /// Result of an event with an acknowledgement of type `R`.
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
