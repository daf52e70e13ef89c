//! Sets of events, and the dispatch of received events to their handlers.

use std::{future::Future, sync::Arc};

use super::emit_target::EmitTarget;
use crate::{
    describe::build::EventSetBuilder,
    support::rate::Rate,
    wire::{
        acknowledgement::Fallible,
        arguments::FromArguments,
        message::{DecodeError, Message},
        payload::Payload,
    },
};

/// Set of events in one direction, implemented by [`#[events]`](macro@crate::events) for `dyn Trait`.
pub trait EventSet: 'static {
    /// Emitter with one method for each event, which takes the event's arguments.
    type Emitter<T: EmitTarget>: From<T>;
    /// Enum with one variant for each event.
    type Event: Send + Sync + 'static;

    /// Rate limits of the events, per socket.
    #[doc(hidden)]
    const RATES: &'static [(&'static str, Rate)] = &[];

    /// Decodes any event of the set; returns `None` if the set has no event with the message's name.
    #[doc(hidden)]
    fn decode(message: &Message) -> Result<Option<Self::Event>, DecodeError>;

    #[doc(hidden)]
    fn describe(set: &mut EventSetBuilder<'_>);
}

/// Set of events that handler `H` handles with a context of type `Cx`.
///
/// [`#[events]`](macro@crate::events) implements it for every `H` that implements the events' trait.
#[diagnostic::on_unimplemented(
    message = "`{H}` does not handle the events of `{Self}`",
    note = "implement the event trait for `{H}`, with `{Cx}` as the context"
)]
pub trait Dispatch<H, Cx>: EventSet {
    #[doc(hidden)]
    fn dispatch<C: Call<Context = Cx>>(handler: &Arc<H>, call: C) -> Dispatched;
}

/// Context that a handler receives besides the arguments: [`Socket`](crate::Socket) or [`Peer`](crate::Peer).
pub trait Context: Clone + Send + Sync + 'static {}

/// Received event on its way to its handler, as generated code sees it.
pub trait Call: Sized {
    /// Context that the handler receives besides the arguments.
    type Context: Context;

    /// Returns the event's name on the wire.
    fn event(&self) -> &str;

    /// Runs the handler in its own task from the start, which gives up the order of events.
    #[must_use]
    fn concurrent(self) -> Self;

    /// Handles an event without acknowledgement.
    fn notify<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Self::Context, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = ()> + Send + 'static;

    /// Handles an event whose acknowledgement carries one value.
    fn answer<H, A, F, R>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Self::Context, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = R> + Send + 'static,
        R: Payload;

    /// Handles an event whose acknowledgement carries nothing.
    fn answer_unit<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Self::Context, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = ()> + Send + 'static;

    /// Handles an event whose acknowledgement may be an error.
    fn answer_fallible<H, A, F, R>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Self::Context, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = R> + Send + 'static,
        R: Fallible<Ok: Payload, Error: Payload>;

    /// Rejects an event that is not in the set.
    fn unknown(self) -> Dispatched;
}

/// Event set of a direction without events.
pub enum NoEvents {}

/// Emitter of [`NoEvents`].
pub struct NoEmitter<T>(T);

impl<T> From<T> for NoEmitter<T> {
    fn from(target: T) -> Self {
        Self(target)
    }
}

impl<T> NoEmitter<T> {
    /// Returns the target, to which no event can be sent.
    pub fn into_target(self) -> T {
        self.0
    }
}

impl EventSet for NoEvents {
    type Emitter<T: EmitTarget> = NoEmitter<T>;
    type Event = NoEvents;

    fn decode(_: &Message) -> Result<Option<NoEvents>, DecodeError> {
        Ok(None)
    }

    fn describe(_: &mut EventSetBuilder<'_>) {}
}

impl<H, Cx: Context> Dispatch<H, Cx> for NoEvents {
    fn dispatch<C: Call<Context = Cx>>(_: &Arc<H>, call: C) -> Dispatched {
        call.unknown()
    }
}

/// Immediate result of the dispatch of a received event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatched {
    /// The event is being handled, or it was rejected and everyone concerned was notified.
    Done,
    /// The event cannot be handled, and nobody was notified; it is dispatched again later.
    Untouched,
}
