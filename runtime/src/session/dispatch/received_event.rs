//! Received event on its way to its handler.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{
    EventContext,
    reply::Reply,
    running::{Caller, HandlerTask, Handling, Running},
};
use crate::{
    contract::{
        error::EmitError,
        events::{Call, Dispatched},
    },
    wire::{
        acknowledgement::{Envelope, Fallible, RejectionCode},
        arguments::{FromArguments, One},
        message::{DecodeError, Message},
        payload::Payload,
    },
};

/// Event with which a test client waits until all earlier events are handled. Every namespace acknowledges it
/// immediately.
pub(crate) const BARRIER: &str = "sio-types:barrier";

/// Returns `true` for the event of a test client, which only servers with the feature `testing` answer.
pub(super) fn is_barrier(message: &Message<'_>) -> bool {
    cfg!(feature = "testing") && message.event() == BARRIER
}

/// Received event on its way to its handler.
pub(crate) struct ReceivedEvent<'m, Cx> {
    context: Cx,
    message: Message<'m>,
    reply: Reply,
    concurrent: bool,
    /// `true` if the engine delivers the event again when it cannot be handled.
    is_attempt: bool,
    /// Reason to reject the event regardless of its content.
    refused: Option<RejectionCode>,
}

impl<'m, Cx: EventContext> ReceivedEvent<'m, Cx> {
    pub(crate) fn new(context: Cx, message: Message<'m>, reply: Reply) -> Self {
        Self {
            context,
            message,
            reply,
            concurrent: false,
            is_attempt: false,
            refused: None,
        }
    }

    /// Creates an event that is rejected regardless of its content.
    pub(super) fn refused(
        context: Cx,
        message: Message<'m>,
        reply: Reply,
        code: RejectionCode,
    ) -> Self {
        Self {
            refused: Some(code),
            ..Self::new(context, message, reply)
        }
    }

    /// Creates an event that the engine delivers again if it cannot be handled.
    pub(crate) fn attempt(context: Cx, message: Message<'m>, reply: Reply) -> Self {
        Self {
            is_attempt: true,
            ..Self::new(context, message, reply)
        }
    }

    pub(crate) fn context(&self) -> &Cx {
        &self.context
    }

    fn start<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
        answer: fn(&Caller<Cx>, F::Output) -> Result<(), EmitError>,
        fallible: bool,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output: Send> + Send + 'static,
    {
        // This function is compiled for every event, so code that does not need its types is in other functions.
        if let Some(code) = self.refused {
            self.context.meter().received(event);
            return self.reject(event, fallible, code, code.detail().to_owned());
        }
        let arguments = match self.arguments::<A>(names) {
            Ok(arguments) => arguments,
            Err(error) => return self.invalid(event, fallible, error),
        };
        let handling = handle(handler.clone(), self.context.clone(), arguments);
        self.run(event, fallible, Box::pin(Handling { handling, answer }))
    }

    fn run(
        self,
        event: &'static str,
        fallible: bool,
        in_flight: Pin<Box<dyn HandlerTask<Cx>>>,
    ) -> Dispatched {
        self.context.meter().received(event);
        let middleware = self.context.middleware(&self.message);
        let caller = Caller {
            context: self.context,
            reply: self.reply,
            fallible,
        };
        Running::new(event, caller, middleware, in_flight).run(self.concurrent);
        Dispatched::Done
    }

    /// Decodes the arguments. The error has no details if this is an attempt.
    fn arguments<A: FromArguments>(
        &self,
        names: &[&'static str],
    ) -> Result<A, Option<DecodeError>> {
        if self.is_attempt {
            self.message.try_arguments(names).ok_or(None)
        } else {
            self.message.arguments(names).map_err(Some)
        }
    }

    #[cold]
    fn invalid(
        self,
        event: &'static str,
        fallible: bool,
        error: Option<DecodeError>,
    ) -> Dispatched {
        let Some(error) = error else {
            return Dispatched::Untouched;
        };
        self.context.meter().received(event);
        let detail = error.to_string();
        self.reject(event, fallible, RejectionCode::InvalidPayload, detail)
    }

    #[cold]
    fn reject(
        self,
        event: &str,
        fallible: bool,
        code: RejectionCode,
        detail: String,
    ) -> Dispatched {
        Caller {
            context: self.context,
            reply: self.reply,
            fallible,
        }
        .reject(event, code, detail);
        Dispatched::Done
    }
}

impl<Cx: EventContext> Call for ReceivedEvent<'_, Cx> {
    type Context = Cx;

    fn event(&self) -> &str {
        self.message.event()
    }

    fn concurrent(mut self) -> Self {
        self.concurrent = true;
        self
    }

    fn notify<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = ()> + Send + 'static,
    {
        // With `retries`, a client expects an acknowledgement of every event and sends the event again without one.
        self.answer_unit(handler, event, names, handle)
    }

    fn answer<H, A, F, R>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = R> + Send + 'static,
        R: Payload,
    {
        let answer = |caller: &Caller<Cx>, value: R| caller.answer(&One(value));
        self.start(handler, event, names, handle, answer, false)
    }

    fn answer_unit<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = ()> + Send + 'static,
    {
        let answer = |caller: &Caller<Cx>, ()| caller.answer(&());
        self.start(handler, event, names, handle, answer, false)
    }

    fn answer_fallible<H, A, F, R>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) -> Dispatched
    where
        A: FromArguments,
        F: Future<Output = R> + Send + 'static,
        R: Fallible<Ok: Payload, Error: Payload>,
    {
        let answer = |caller: &Caller<Cx>, result: R| {
            let envelope = match result.into_result() {
                Ok(data) => Envelope::Ok { data },
                Err(error) => Envelope::Error { error },
            };
            caller.answer(&One(envelope))
        };
        self.start(handler, event, names, handle, answer, true)
    }

    fn unknown(self) -> Dispatched {
        if is_barrier(&self.message) {
            let _ = self.reply.send(&self.context, &());
            return Dispatched::Done;
        }
        if self.is_attempt {
            return Dispatched::Untouched;
        }
        let code = self.refused.unwrap_or(RejectionCode::UnknownEvent);
        let event = self.event().to_owned();
        self.reject(&event, false, code, code.detail().to_owned())
    }
}
