//! Sets of events, and how a received one gets to the method that handles it.

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

/// A set of events that flow one way: `dyn Trait` of a trait under [`#[events]`](macro@crate::events).
pub trait EventSet: 'static {
    /// Has one method for each event, with its arguments.
    type Emitter<T: EmitTarget>: From<T>;
    /// Has one variant for each event.
    type Event: Send + Sync + 'static;

    /// How often one socket may send which event.
    #[doc(hidden)]
    const RATES: &'static [(&'static str, Rate)] = &[];

    /// Decodes any event of the set; `None` if it has none of the message's name.
    #[doc(hidden)]
    fn decode(message: &Message) -> Result<Option<Self::Event>, DecodeError>;

    #[doc(hidden)]
    fn describe(set: &mut EventSetBuilder<'_>);
}

/// Calls the method of handler `H` that a message names.
#[diagnostic::on_unimplemented(
    message = "`{H}` does not handle the events of `{Self}`",
    note = "implement the events' trait for it, with `{Cx}` as the context"
)]
pub trait Dispatch<H, Cx>: EventSet {
    #[doc(hidden)]
    fn dispatch<C: Call<Context = Cx>>(handler: &Arc<H>, call: C) -> Dispatched;
}

/// What a handler is given besides the arguments: [`Socket`](crate::Socket) or [`Peer`](crate::Peer).
pub trait Context: Clone + Send + Sync + 'static {}

/// A received event on its way to its handler, as generated code sees it.
pub trait Call: Sized {
    /// What the handler is given besides the arguments.
    type Context: Context;

    /// The event's name on the wire.
    fn event(&self) -> &str;

    /// Gives the handler a task of its own from the start, and with it up the order.
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

    /// Rejects an event that the set does not have.
    fn unknown(self) -> Dispatched;
}

/// The set of a direction in which nothing is sent.
pub enum NoEvents {}

/// The emitter of [`NoEvents`].
pub struct NoEmitter<T>(T);

impl<T> From<T> for NoEmitter<T> {
    fn from(target: T) -> Self {
        Self(target)
    }
}

impl<T> NoEmitter<T> {
    /// Where nothing can be sent to.
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

/// What became of a received event at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatched {
    /// It is being handled, or was refused and all who want to know of it were told.
    Done,
    /// It cannot be handled, and nobody was told: it comes again.
    Untouched,
}
