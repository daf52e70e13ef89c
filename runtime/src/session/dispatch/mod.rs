//! Dispatch of received messages to handler methods.
//!
//! socketioxide spawns a task for every message, and so loses their order. Here, the task that reads the connection
//! polls the handler's future in place. A future that is not ready becomes a task of its own once it is woken. The
//! handlers of one socket therefore start in the order of its messages, and a handler that does not wait costs no task.

pub(crate) mod inline_task;
pub(crate) mod reply;
pub(crate) mod running;

use std::{future::Future, pin::Pin, sync::Arc};

use super::{
    lifecycle::Rejected,
    listeners::MiddlewareError,
    namespace_state::NamespaceState,
    pending_events::Admitted,
    rates::Rates,
    socket::{Socket, State},
    span,
};
use crate::{
    connection::connection::{Route, in_progress::InProgress},
    contract::{
        error::EmitError,
        events::{Call, Context, Dispatched, EventSet},
        namespace::Namespace,
    },
    metrics::Traffic,
    protocol::Value,
    support::{in_flight::InFlight, log_limiter::log_limited, panic::catch_panic, task::BoxFuture},
    upstream::{Adapter, MessageHandler, RawSocket},
    wire::{
        acknowledgement::{Envelope, Fallible, RejectionCode},
        arguments::{Arguments, FromArguments, One},
        message::{DecodeError, Message},
        payload::Payload,
    },
};
use reply::Reply;
use running::{Caller, HandlerTask, Handling, Running};

/// Context of a handler, besides the arguments: [`Socket`] or [`Peer`](crate::Peer).
pub(crate) trait EventContext: Context {
    /// Logs, counts and reports an event that was not handled.
    fn rejected(&self, rejected: Rejected);
    /// Returns the middleware that runs before the handler.
    fn middleware(&self, message: &Message) -> Option<BoxFuture<Result<(), MiddlewareError>>>;
    /// Returns `true` if clients receive the details of a rejection.
    fn development(&self) -> bool;
    /// Sends the acknowledgement with this id to the client that has asked for it.
    fn acknowledge(&self, id: i64, arguments: &dyn Arguments) -> Result<(), EmitError>;
    /// Returns the counters of its events.
    fn meter(&self) -> &Arc<Traffic>;
    /// Returns the server's work in flight.
    fn in_flight(&self) -> &Arc<InFlight>;
    /// Counts an event in progress until the returned guard is dropped.
    fn begin_event(&self) -> Option<InProgress>;
    /// Returns the span of a handler, if a subscriber wants it.
    fn span(&self, event: &'static str) -> Option<tracing::Span>;
    /// Returns `true` if the server has disconnected the sender, so that no more of its events are handled.
    fn is_disconnected(&self) -> bool;
}

impl<N: Namespace> Context for Socket<N> {}

impl<N: Namespace> EventContext for Socket<N> {
    fn rejected(&self, rejected: Rejected) {
        self.state.shared.reject(self, &rejected);
    }

    fn middleware(&self, message: &Message) -> Option<BoxFuture<Result<(), MiddlewareError>>> {
        let middleware = self.state.listeners.middleware.get()?;
        // Unknown events and events that cannot be decoded never get here.
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
        if state.is_disconnected() {
            return Err(EmitError::Closed);
        }
        let outbox = state.outbox();
        outbox.acknowledge(raw, state.is_json, id, arguments)
    }

    fn meter(&self) -> &Arc<Traffic> {
        &self.state.shared.traffic
    }

    fn in_flight(&self) -> &Arc<InFlight> {
        &self.state.shared.in_flight
    }

    fn begin_event(&self) -> Option<InProgress> {
        Some(self.state.connection.begin_event())
    }

    fn span(&self, event: &'static str) -> Option<tracing::Span> {
        span::event(&self.raw, event)
    }

    fn is_disconnected(&self) -> bool {
        self.state.is_disconnected()
    }
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
    fn refused(context: Cx, message: Message<'m>, reply: Reply, code: RejectionCode) -> Self {
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

/// Marker type of this crate's handlers in socketioxide.
pub(crate) enum Typed {}

/// Message handler for all events of one socket.
pub(crate) struct Dispatcher<N: Namespace>(pub(crate) Arc<State<N>>);

impl<N: Namespace> MessageHandler<Adapter, Typed> for Dispatcher<N> {
    fn call(&self, raw: Arc<RawSocket>, value: Value, ack_id: Option<i64>) {
        let state = self.0.clone();
        if state.is_disconnected() {
            return;
        }
        let socket = Socket { raw, state };
        // A panic here would end the task that reads the connection.
        if let Err(panic) = catch_panic(|| receive(&socket, value, ack_id)) {
            panicked(&socket.state.shared, &panic);
        }
    }
}

/// Event with which a test client waits until all earlier events are handled. Every namespace acknowledges it
/// immediately.
pub(crate) const BARRIER: &str = "sio-types:barrier";

fn is_barrier(message: &Message<'_>) -> bool {
    cfg!(feature = "testing") && message.event() == BARRIER
}

/// Receives an event from the engine.
fn receive<N: Namespace>(socket: &Socket<N>, value: Value, ack_id: Option<i64>) {
    let state = &socket.state;
    let Some(message) = Message::from_event(value) else {
        let line = state.shared.log_limiter.next();
        log_limited!(
            line,
            warn,
            { namespace = N::PATTERN },
            "event dropped: no event name"
        );
        return;
    };
    let message = message.at_most(state.shared.limits.arguments);
    if let Some(code) = state.refuses(&message) {
        return refuse(socket, message, ack_id, code);
    }
    match state.pending_events.admit(message, ack_id) {
        Admitted::Now(message) => dispatch(socket.clone(), message, ack_id),
        Admitted::Later => {}
        Admitted::Never(message) => refuse(socket, message, ack_id, RejectionCode::Overloaded),
    }
}

/// Passes an event that has waited to the handler. Catches panics, which would otherwise leave the other events waiting
/// forever.
pub(crate) fn hand_over<N: Namespace>(
    socket: Socket<N>,
    message: Message<'static>,
    ack_id: Option<i64>,
) {
    let shared = socket.state.shared.clone();
    if let Err(panic) = catch_panic(|| dispatch(socket, message, ack_id)) {
        panicked(&shared, &panic);
    }
}

/// Passes one event to the handler.
fn dispatch<N: Namespace>(socket: Socket<N>, message: Message<'_>, ack_id: Option<i64>) {
    // The socket may have been disconnected while the event waited.
    if socket.state.is_disconnected() {
        return;
    }
    socket.notify_incoming(&message);
    let shared = socket.state.shared.clone();
    // The dispatch itself reports an event that cannot be handled.
    let _ = shared.dispatch(ReceivedEvent::new(socket, message, Reply::to(ack_id)));
}

/// Rejects an event regardless of its content. The event's declaration decides if the sender is notified.
#[cold]
fn refuse<N: Namespace>(
    socket: &Socket<N>,
    message: Message<'_>,
    ack_id: Option<i64>,
    code: RejectionCode,
) {
    let call = ReceivedEvent::refused(socket.clone(), message, Reply::to(ack_id), code);
    let _ = socket.state.shared.dispatch(call);
    let is_forgiven = |rates: &Rates| code != RejectionCode::RateLimited || rates.forgive();
    if !socket.state.rates.as_deref().is_none_or(is_forgiven) && socket.connected() {
        let line = socket.state.shared.log_limiter.next();
        log_limited!(line, warn, { namespace = N::PATTERN, socket = %socket.id() }, "client disconnected: too many rate violations");
        socket.disconnect();
    }
}

impl<N: Namespace> State<N> {
    /// Returns the reason why the socket may not send this event now, if any.
    fn refuses(&self, message: &Message<'_>) -> Option<RejectionCode> {
        if is_barrier(message) {
            return None;
        }
        if self.connection.is_overloaded() {
            return Some(RejectionCode::Overloaded);
        }
        let is_admitted = |rates: &Rates| rates.admit(message.event());
        let is_limited = !self.rates.as_deref().is_none_or(is_admitted);
        is_limited.then_some(RejectionCode::RateLimited)
    }
}

impl<N: Namespace> Route for State<N> {
    fn take(self: Arc<Self>, payload: &str, id: Option<i64>) -> bool {
        if self.is_disconnected() {
            return true;
        }
        if !self.pending_events.is_open() || self.listeners.want_incoming() {
            return false;
        }
        let Some(raw) = self.raw.upgrade().filter(|raw| raw.connected()) else {
            return false;
        };
        let Some(message) = Message::from_text(payload) else {
            return false;
        };
        let message = message.at_most(self.shared.limits.arguments);
        let shared = self.shared.clone();
        let refused = self.refuses(&message);
        let socket = Socket { raw, state: self };
        // A panic here would end the task that reads the connection.
        let taken = catch_panic(|| match refused {
            None => attempt(&shared, socket, message, id),
            Some(code) => {
                refuse(&socket, message, id, code);
                true
            }
        });
        taken.unwrap_or_else(|panic| {
            panicked(&shared, &panic);
            true
        })
    }
}

/// Handles an event. Returns `false` if the engine has to handle it.
fn attempt<N: Namespace>(
    shared: &NamespaceState<N>,
    socket: Socket<N>,
    message: Message<'_>,
    id: Option<i64>,
) -> bool {
    let limited = socket.state.rates.is_some().then(|| socket.state.clone());
    let call = ReceivedEvent::attempt(socket, message, Reply::to(id));
    let is_done = shared.dispatch(call) == Dispatched::Done;
    if !is_done && let Some(rates) = limited.as_ref().and_then(|state| state.rates.as_ref()) {
        rates.comes_again();
    }
    is_done
}

fn panicked<N: Namespace>(shared: &NamespaceState<N>, panic: &str) {
    log_limited!(shared.log_limiter.next(), error, { namespace = N::PATTERN, panic }, "event dispatch panicked");
}
