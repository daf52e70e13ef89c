//! From a received message to the method that handles it.
//!
//! socketioxide spawns a task for every message, and so loses their order. Here the handler's future is polled in
//! place, in the task that reads the connection, and only what is not ready then goes on as a task of its own, once it is
//! woken: the
//! handlers of one socket start in the order of its messages, and one that does not wait costs no task.

mod parked;
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
    wire::{FromArguments, Message, One},
};
use running::{Failure, Refuse, Running, Work};

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
}

/// A received event on its way to its handler.
pub struct Call<Cx> {
    context: Cx,
    message: Message,
    reply: Reply,
    concurrent: bool,
}

impl<Cx: Context> Call<Cx> {
    pub(crate) fn new(context: Cx, message: Message, reply: Reply) -> Self {
        Self {
            context,
            message,
            reply,
            concurrent: false,
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
    ) where
        A: FromArguments,
        F: Future<Output = ()> + Send + 'static,
    {
        let answer = |_: &Reply, ()| Ok(());
        self.start(handler, event, names, handle, answer, false);
    }

    /// Handles an event whose acknowledgement carries one value.
    pub fn answer<H, A, F, R>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) where
        A: FromArguments,
        F: Future<Output = R> + Send + 'static,
        R: Payload,
    {
        let answer = |reply: &Reply, value: R| reply.send(&One(value));
        self.start(handler, event, names, handle, answer, false);
    }

    /// Handles an event whose acknowledgement carries nothing.
    pub fn answer_unit<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) where
        A: FromArguments,
        F: Future<Output = ()> + Send + 'static,
    {
        let answer = |reply: &Reply, ()| reply.send(&());
        self.start(handler, event, names, handle, answer, false);
    }

    /// Handles an event whose acknowledgement may be an error.
    pub fn answer_fallible<H, A, F, R>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
    ) where
        A: FromArguments,
        F: Future<Output = R> + Send + 'static,
        R: Fallible<Ok: Payload, Error: Payload>,
    {
        let answer = |reply: &Reply, result: R| {
            let envelope = match result.into_result() {
                Ok(data) => Envelope::Ok { data },
                Err(error) => Envelope::Error { error },
            };
            reply.send(&One(envelope))
        };
        self.start(handler, event, names, handle, answer, true);
    }

    /// Rejects an event that the set does not have.
    pub fn unknown(self) {
        let detail = "the namespace has no such event".to_owned();
        let event = self.event().to_owned();
        Refuse {
            context: self.context,
            reply: self.reply,
            fallible: false,
        }
        .reject(&event, RejectionCode::UnknownEvent, detail);
    }

    fn start<H, A, F>(
        self,
        handler: &Arc<H>,
        event: &'static str,
        names: &[&'static str],
        handle: impl FnOnce(Arc<H>, Cx, A) -> F,
        answer: impl FnOnce(&Reply, F::Output) -> Result<(), EmitError> + Send + 'static,
        fallible: bool,
    ) where
        A: FromArguments,
        F: Future<Output: Send> + Send + 'static,
    {
        let Self {
            context,
            message,
            reply,
            concurrent,
        } = self;
        let refuse = Refuse {
            context: context.clone(),
            reply: reply.clone(),
            fallible,
        };
        let arguments = match message.arguments::<A>(names) {
            Ok(arguments) => arguments,
            Err(error) => {
                return refuse.reject(event, RejectionCode::InvalidPayload, error.to_string());
            }
        };
        let middleware = context.middleware(&message);
        drop(message);
        let handling = handle(handler.clone(), context, arguments);
        let work: Work = match middleware {
            None => Box::pin(async move { Ok(answer(&reply, handling.await)?) }),
            Some(middleware) => Box::pin(async move {
                middleware.await.map_err(Failure::Refused)?;
                Ok(answer(&reply, handling.await)?)
            }),
        };
        Running {
            work,
            refuse,
            event,
        }
        .run(concurrent);
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
    let reply = match ack_id {
        Some(id) => Reply::Client {
            socket: socket.raw.clone(),
            id,
        },
        None => Reply::None,
    };
    N::ClientToServer::dispatch(handler, Call::new(socket, message, reply));
}
