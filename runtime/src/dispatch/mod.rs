//! From a received message to the method that handles it.
//!
//! socketioxide spawns a task for every message, and so loses their order. Here the handler's future is polled in
//! place, in the task that reads the connection, and only what is not ready then goes on as a task of its own, once it is
//! woken: the
//! handlers of one socket start in the order of its messages, and one that does not wait costs no task.

pub(crate) mod parked;
mod reply;
mod running;

use std::{future::Future, sync::Arc};

use socketioxide::handler::MessageHandler;
use socketioxide_core::Value;

pub(crate) use reply::{Reply, no_value};

use crate::{
    ack::{Envelope, Fallible, RejectionCode},
    cluster::{Adapter, RawSocket},
    error::EmitError,
    lifecycle::Rejected,
    listeners::{BoxFuture, Refusal},
    namespace::{Dispatch, EventSet, Namespace, Payload},
    panic::catch_panic,
    socket::{Socket, State},
    transport::Route,
    wire::{Arguments, DecodeError, FromArguments, Message, One},
};
use running::{Caller, Handling, Running};

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
    fn acknowledge<A: Arguments>(&self, id: i64, arguments: &A) -> Result<(), EmitError>;
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

    fn acknowledge<A: Arguments>(&self, id: i64, arguments: &A) -> Result<(), EmitError> {
        reply::acknowledge(&self.raw, self.state.is_json, id, arguments)
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
        let arguments = match self.arguments::<A>(names) {
            Ok(arguments) => arguments,
            Err(None) => return Dispatched::Untouched,
            Err(Some(error)) => return self.invalid(event, fallible, &error),
        };
        let caller = Caller {
            context: self.context,
            reply: self.reply,
            fallible,
        };
        let handling = handle(handler.clone(), caller.context.clone(), arguments);
        Running {
            middleware: caller.context.middleware(&self.message),
            work: Box::pin(Handling { handling, answer }),
            caller,
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

    fn invalid(self, event: &str, fallible: bool, error: &DecodeError) -> Dispatched {
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
pub(crate) struct Dispatcher<N: Namespace, H> {
    pub(crate) handler: Arc<H>,
    pub(crate) state: Arc<State<N>>,
}

impl<N, H> MessageHandler<Adapter, Typed> for Dispatcher<N, H>
where
    N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
    H: Send + Sync + 'static,
{
    fn call(&self, raw: Arc<RawSocket>, value: Value, ack_id: Option<i64>) {
        let state = self.state.clone();
        let socket = Socket { raw, state };
        // A panic in here would end the task that reads the connection.
        if let Err(panic) = catch_panic(|| self.receive(socket, value, ack_id)) {
            tracing::error!(
                namespace = N::PATTERN,
                panic,
                "an event's dispatch panicked"
            );
        }
    }
}

impl<N, H> Dispatcher<N, H>
where
    N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
    H: Send + Sync + 'static,
{
    fn receive(&self, socket: Socket<N>, value: Value, ack_id: Option<i64>) {
        if let Some((value, ack_id)) = self.state.gate.admit(value, ack_id, &socket) {
            dispatch(&self.handler, socket, value, ack_id);
        }
    }
}

impl<N: Namespace, H> Clone for Dispatcher<N, H> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            state: self.state.clone(),
        }
    }
}

/// Hands one event to the handler.
pub(crate) fn dispatch<N, H>(handler: &Arc<H>, socket: Socket<N>, value: Value, ack_id: Option<i64>)
where
    N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
{
    let Some(message) = Message::from_event(value) else {
        tracing::warn!(
            namespace = N::PATTERN,
            "a message without an event's name was dropped"
        );
        return;
    };
    socket.notify_incoming(&message);
    // It is told of if it cannot be handled.
    let _ = N::ClientToServer::dispatch(handler, Call::new(socket, message, Reply::to(ack_id)));
}

impl<N, H> Route for Dispatcher<N, H>
where
    N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
    H: Send + Sync + 'static,
{
    fn take(&self, payload: &str, id: Option<i64>) -> bool {
        let state = &self.state;
        if !state.gate.is_open() || state.listeners.want_incoming() {
            return false;
        }
        let Some(raw) = state.raw.upgrade().filter(|raw| raw.connected()) else {
            return false;
        };
        let Some(message) = Message::from_text(payload) else {
            return false;
        };
        let state = state.clone();
        let call = Call::attempt(Socket { raw, state }, message, Reply::to(id));
        // A panic in here would end the task that reads the connection.
        match catch_panic(|| N::ClientToServer::dispatch(&self.handler, call)) {
            Ok(dispatched) => dispatched == Dispatched::Done,
            Err(panic) => {
                tracing::error!(
                    namespace = N::PATTERN,
                    panic,
                    "an event's dispatch panicked"
                );
                true
            }
        }
    }
}
