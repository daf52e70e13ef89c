//! Events of a client: rate limits, listeners and order, up to their dispatch.

use std::sync::Arc;

use super::{
    EventContext,
    received_event::{ReceivedEvent, is_barrier},
    reply::Reply,
};
use crate::{
    connection::connection::{Route, in_progress::InProgress},
    contract::{
        error::EmitError,
        events::{Context, Dispatched, EventSet},
        namespace::Namespace,
    },
    metrics::Traffic,
    protocol::Value,
    session::{
        lifecycle::Rejected,
        listeners::MiddlewareError,
        namespace_state::NamespaceState,
        pending_events::Admitted,
        rates::Rates,
        socket::{Socket, State},
        span,
    },
    support::{in_flight::InFlight, log_limiter::log_limited, panic::catch_panic, task::BoxFuture},
    upstream::{Adapter, MessageHandler, RawSocket},
    wire::{acknowledgement::RejectionCode, arguments::Arguments, message::Message},
};

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
