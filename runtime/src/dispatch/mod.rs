//! From a received message to the method that handles it.
//!
//! socketioxide spawns a task for every message, and so loses their order. Here the handler's future is polled in
//! place, in the task that reads the connection, and only what is not ready then goes on as a task of its own, once it is
//! woken: the
//! handlers of one socket start in the order of its messages, and one that does not wait costs no task.

pub(crate) mod parked;
mod reply;
mod running;

use std::{future::Future, pin::Pin, sync::Arc};

use socketioxide::handler::MessageHandler;
use socketioxide_core::Value;

pub(crate) use reply::{Reply, no_value};

use crate::{
    ack::{Envelope, Fallible, RejectionCode},
    cluster::{Adapter, RawSocket},
    error::EmitError,
    lifecycle::Rejected,
    listeners::{BoxFuture, Refusal},
    namespace::{EventSet, Namespace, Payload},
    panic::catch_panic,
    socket::{Socket, State},
    transport::Route,
    wire::{Arguments, DecodeError, FromArguments, Message, One},
};
use running::{Caller, Handling, Running, Work};

/// What a handler is given besides the arguments: [`Socket`] or [`Node`](crate::Node).
pub trait Context: Clone + Send + Sync + 'static {
    /// Logs, counts and reports an event that was not handled.
    #[doc(hidden)]
    fn rejected(&self, rejected: Rejected);
    /// What runs before the handler.
    #[doc(hidden)]
    fn middleware(&self, message: &Message) -> Option<BoxFuture<Result<(), Refusal>>>;
    /// Whether clients are told the details of a refusal.
    #[doc(hidden)]
    fn development(&self) -> bool;
    /// Sends a client the acknowledgement that it has asked for by this id.
    #[doc(hidden)]
    fn acknowledge(&self, id: i64, arguments: &dyn Arguments) -> Result<(), EmitError>;
}

impl<N: Namespace> Context for Socket<N> {
    fn rejected(&self, rejected: Rejected) {
        self.state.shared.reject(self, &rejected);
    }

    fn middleware(&self, message: &Message) -> Option<BoxFuture<Result<(), Refusal>>> {
        let middleware = self.state.listeners.middleware.get()?;
        // What cannot be decoded or is unknown never gets here.
        let event = Arc::new(N::ClientToServer::decode(message).ok()??);
        Some(Box::pin(async move {
            for middleware in middleware {
                middleware(event.clone()).await?;
            }
            Ok(())
        }))
    }

    fn development(&self) -> bool {
        self.state.shared.development
    }

    fn acknowledge(&self, id: i64, arguments: &dyn Arguments) -> Result<(), EmitError> {
        let Socket { raw, state } = self;
        let outbox = state.outbox();
        let sent = match outbox.is_waiting() {
            true => Err(EmitError::Full),
            false => reply::acknowledge(raw, state.is_json, id, arguments),
        };
        match sent {
            Err(EmitError::Full) => outbox.answer(raw, id, arguments),
            sent => sent,
        }
    }
}

/// A received event on its way to its handler.
pub struct Call<'m, Cx> {
    context: Cx,
    message: Message<'m>,
    reply: Reply,
    concurrent: bool,
    /// Whether it comes again if it cannot be handled.
    is_attempt: bool,
}

/// What became of a received event at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatched {
    /// It is being handled, or was refused and all who want to know of it were told.
    Done,
    /// It cannot be handled, and nobody was told: it comes again.
    Untouched,
}

impl<'m, Cx: Context> Call<'m, Cx> {
    pub(crate) fn new(context: Cx, message: Message<'m>, reply: Reply) -> Self {
        Self {
            context,
            message,
            reply,
            concurrent: false,
            is_attempt: false,
        }
    }

    /// An event that comes again if it cannot be handled.
    pub(crate) fn attempt(context: Cx, message: Message<'m>, reply: Reply) -> Self {
        Self {
            is_attempt: true,
            ..Self::new(context, message, reply)
        }
    }

    /// The event's name on the wire.
    pub fn event(&self) -> &str {
        self.message.event()
    }

    /// Gives the handler a task of its own from the start, and with it up the order.
    pub fn concurrent(mut self) -> Self {
        self.concurrent = true;
        self
    }

    /// Handles an event without acknowledgement.
    pub fn notify<H, A, F>(
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
        self.start(handler, event, names, handle, |_, ()| Ok(()), false)
    }

    /// Handles an event whose acknowledgement carries one value.
    pub fn answer<H, A, F, R>(
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

    /// Handles an event whose acknowledgement carries nothing.
    pub fn answer_unit<H, A, F>(
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

    /// Handles an event whose acknowledgement may be an error.
    pub fn answer_fallible<H, A, F, R>(
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

    /// Rejects an event that the set does not have.
    pub fn unknown(self) -> Dispatched {
        if self.is_attempt {
            return Dispatched::Untouched;
        }
        let detail = "the namespace has no such event".to_owned();
        let event = self.event().to_owned();
        Caller {
            context: self.context,
            reply: self.reply,
            fallible: false,
        }
        .reject(&event, RejectionCode::UnknownEvent, detail);
        Dispatched::Done
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
        // This function is compiled for every event: what need not be in it is in the two others.
        let arguments = match self.arguments::<A>(names) {
            Ok(arguments) => arguments,
            Err(error) => return self.invalid(event, fallible, error),
        };
        let handling = handle(handler.clone(), self.context.clone(), arguments);
        self.run(event, fallible, Box::pin(Handling { handling, answer }))
    }

    fn run(self, event: &'static str, fallible: bool, work: Pin<Box<dyn Work<Cx>>>) -> Dispatched {
        Running {
            middleware: self.context.middleware(&self.message),
            work,
            caller: Caller {
                context: self.context,
                reply: self.reply,
                fallible,
            },
            event,
        }
        .run(self.concurrent);
        Dispatched::Done
    }

    /// Decodes the arguments; there is no error to tell if it is an attempt.
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
    fn invalid(self, event: &str, fallible: bool, error: Option<DecodeError>) -> Dispatched {
        let Some(error) = error else {
            return Dispatched::Untouched;
        };
        Caller {
            context: self.context,
            reply: self.reply,
            fallible,
        }
        .reject(event, RejectionCode::InvalidPayload, error.to_string());
        Dispatched::Done
    }
}

/// Marks our handlers among socketioxide's.
pub(crate) enum Typed {}

/// Takes all events of one socket.
pub(crate) struct Dispatcher<N: Namespace>(pub(crate) Arc<State<N>>);

impl<N: Namespace> MessageHandler<Adapter, Typed> for Dispatcher<N> {
    fn call(&self, raw: Arc<RawSocket>, value: Value, ack_id: Option<i64>) {
        let state = self.0.clone();
        if state.expiry.is_over() {
            return;
        }
        let socket = Socket { raw, state };
        if let Some((value, ack_id)) = self.0.gate.admit(value, ack_id, &socket) {
            receive(socket, value, ack_id);
        }
    }
}

/// Hands one event to the handler. A panic in here would end the task that reads the connection, or leave a socket's
/// other events waiting for ever.
pub(crate) fn receive<N: Namespace>(socket: Socket<N>, value: Value, ack_id: Option<i64>) {
    if let Err(panic) = catch_panic(|| dispatch(socket, value, ack_id)) {
        panicked::<N>(&panic);
    }
}

fn dispatch<N: Namespace>(socket: Socket<N>, value: Value, ack_id: Option<i64>) {
    let Some(message) = Message::from_event(value) else {
        tracing::warn!(
            namespace = N::PATTERN,
            "a message without an event's name was dropped"
        );
        return;
    };
    socket.notify_incoming(&message);
    let shared = socket.state.shared.clone();
    // Whoever wants to know is told if it cannot be handled.
    let _ = shared.dispatch(Call::new(socket, message, Reply::to(ack_id)));
}

impl<N: Namespace> Route for State<N> {
    fn take(self: Arc<Self>, payload: &str, id: Option<i64>) -> bool {
        if !self.gate.is_open() || self.listeners.want_incoming() {
            return false;
        }
        let Some(raw) = self.raw.upgrade().filter(|raw| raw.connected()) else {
            return false;
        };
        let Some(message) = Message::from_text(payload) else {
            return false;
        };
        let shared = self.shared.clone();
        let socket = Socket { raw, state: self };
        let call = Call::attempt(socket, message, Reply::to(id));
        // A panic in here would end the task that reads the connection.
        match catch_panic(|| shared.dispatch(call)) {
            Ok(dispatched) => dispatched == Dispatched::Done,
            Err(panic) => {
                panicked::<N>(&panic);
                true
            }
        }
    }
}

fn panicked<N: Namespace>(panic: &str) {
    tracing::error!(
        namespace = N::PATTERN,
        panic,
        "an event's dispatch panicked"
    );
}
