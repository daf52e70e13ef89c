//! State of a client's connection, shared by its transport and its sockets.

mod end;
pub(crate) mod in_progress;
pub(crate) mod reading;

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Context,
};

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

use super::{
    address_permits::AddressPermit, polling::Polling, registry::ConnectionRegistry,
    send_queue::SendQueue, session_token::Lookup,
};
use crate::{
    config::limits::Limits,
    protocol::{DisconnectReason, Sid, TransportType},
    support::log_limiter::LogDecision,
    upstream::RawSocket,
};

/// Receiver of the events of one socket.
pub(crate) trait Route: Send + Sync {
    /// Handles an event, given as JSON. Returns `false`, and does nothing, if the engine has to handle it.
    fn take(self: Arc<Self>, payload: &str, id: Option<i64>) -> bool;
}

/// Path of a namespace, and the receiver of its events.
type Routed = (Cow<'static, str>, Arc<dyn Route>);

/// Connection of one client: its sockets, the packets that wait to be sent, and the reason for its end.
pub(crate) struct Connection {
    routes: Mutex<Vec<Routed>>,
    /// Number of namespaces that the client is in or connecting to.
    namespaces: AtomicUsize,
    registry: Weak<ConnectionRegistry>,
    limits: Arc<Limits>,
    /// Id of the connection's sockets, once there is one.
    id: OnceLock<Sid>,
    /// Present if the connection began with polling.
    polling: Option<Box<Polled>>,
    queue: SendQueue,
    /// Number of events whose handlers have not finished.
    in_progress: AtomicUsize,
    /// `true` if events are rejected because too many are in progress.
    is_overloaded: AtomicBool,
    /// Waker of the task that reads from the client.
    reader: AtomicWaker,
    /// Waker of the engine's writer, which waits while the queue is full.
    writer: AtomicWaker,
    /// `true` if the connection has to end.
    is_closed: AtomicBool,
    /// Reason for the end of the connection, if the engine cannot know it.
    end_reason: OnceLock<DisconnectReason>,
    /// Number of sockets for which reading from the client is currently paused.
    pauses: AtomicUsize,
    /// `true` if a task waits until everything is sent.
    is_watched: AtomicBool,
    sent: Notify,
    /// `true` if reading is suspended until less data waits to be sent to the client.
    is_held: AtomicBool,
    /// `true` if the connection is kept until its client has fetched the last packets.
    is_lingering: AtomicBool,
    /// `true` if the connection is listed as slow.
    is_behind: AtomicBool,
    /// `true` if the connection counts as open.
    is_open: AtomicBool,
    /// `true` if the client has joined a namespace.
    is_used: AtomicBool,
    /// Permit of the connection, if connections are limited by address.
    permit: Option<Box<AddressPermit>>,
}

/// State of a connection that began with polling.
struct Polled {
    polling: Polling,
    /// Key of the session in the registry.
    lookup: Lookup,
    is_upgraded: AtomicBool,
}

impl Connection {
    /// Creates a connection of this registry. It begins with polling if `lookup` is given.
    pub(crate) fn new(
        registry: &Arc<ConnectionRegistry>,
        limits: &Arc<Limits>,
        permit: Option<Box<AddressPermit>>,
        lookup: Option<Lookup>,
    ) -> Self {
        let polled = |lookup| Polled {
            polling: Polling::new(),
            lookup,
            is_upgraded: AtomicBool::new(false),
        };
        Self {
            routes: Mutex::default(),
            namespaces: AtomicUsize::new(0),
            registry: Arc::downgrade(registry),
            limits: limits.clone(),
            id: OnceLock::new(),
            polling: lookup.map(polled).map(Box::new),
            queue: SendQueue::new(limits.backlog),
            in_progress: AtomicUsize::new(0),
            is_overloaded: AtomicBool::new(false),
            reader: AtomicWaker::new(),
            writer: AtomicWaker::new(),
            is_closed: AtomicBool::new(false),
            end_reason: OnceLock::new(),
            is_open: AtomicBool::new(false),
            is_used: AtomicBool::new(false),
            pauses: AtomicUsize::new(0),
            is_watched: AtomicBool::new(false),
            sent: Notify::const_new(),
            is_held: AtomicBool::new(false),
            is_lingering: AtomicBool::new(false),
            is_behind: AtomicBool::new(false),
            permit,
        }
    }

    /// Routes the events of a namespace to `route`.
    pub(crate) fn add(&self, namespace: Cow<'static, str>, route: Arc<dyn Route>) {
        self.remove(&namespace);
        let mut routes = lock(&self.routes);
        // Most clients are in one namespace.
        routes.reserve_exact(1);
        routes.push((namespace, route));
    }

    pub(crate) fn remove(&self, namespace: &str) {
        let mut routes = lock(&self.routes);
        let place = routes.iter().position(|(path, _)| path == namespace);
        let removed = place.map(|place| routes.swap_remove(place));
        drop(routes);
        // The route may hold a user's value, whose destructor must not run under the lock.
        drop(removed);
    }

    /// Counts one more namespace until the permit is dropped; returns `None` if the limit is reached.
    pub(crate) fn enter(self: &Arc<Self>, most: usize) -> Option<NamespacePermit> {
        let before = self.namespaces.fetch_add(1, Ordering::Relaxed);
        let permit = NamespacePermit(self.clone());
        (before < most).then_some(permit)
    }

    pub(crate) fn route(&self, namespace: &str) -> Option<Arc<dyn Route>> {
        let routes = lock(&self.routes);
        let found = routes.iter().find(|(path, _)| path == namespace);
        found.map(|(_, route)| route.clone())
    }

    /// Notes that the client has joined a namespace. From then on, the namespace is notified when the connection ends.
    pub(crate) fn note_use(&self, id: Sid) {
        self.is_used.store(true, Ordering::Relaxed);
        // The id is the same in all namespaces.
        let _ = self.id.set(id);
    }

    pub(crate) fn id(&self) -> Option<Sid> {
        self.id.get().copied()
    }

    pub(crate) fn is_listed_as_behind(&self) -> &AtomicBool {
        &self.is_behind
    }

    /// Lists the connection as slow, when data begins to wait for the client.
    pub(crate) fn note_behind(self: &Arc<Self>) {
        if let Some(registry) = self.registry.upgrade() {
            registry.slow_clients.add(self);
        }
    }

    /// Decides about the next log line on a connection.
    pub(crate) fn next_line(&self) -> LogDecision {
        match self.registry.upgrade() {
            Some(registry) => registry.log_limiter.next(),
            None => LogDecision::LeftOut,
        }
    }

    /// Returns `true` if the server has ended its connections.
    pub(crate) fn is_server_closed(&self) -> bool {
        let registry = self.registry.upgrade();
        registry.is_some_and(|registry| registry.in_flight.is_closed())
    }
}

/// Transport.
impl Connection {
    pub(crate) fn polling(&self) -> Option<&Polling> {
        self.polling.as_deref().map(|polled| &polled.polling)
    }

    /// Returns the current transport. The engine only sees WebSockets.
    pub(crate) fn transport(&self) -> TransportType {
        match self.polling.as_deref() {
            Some(polled) if !polled.is_upgraded.load(Ordering::Relaxed) => TransportType::Polling,
            _ => TransportType::Websocket,
        }
    }

    pub(crate) fn note_upgrade(&self) {
        if let Some(polled) = &self.polling {
            polled.is_upgraded.store(true, Ordering::Relaxed);
        }
    }

    /// Returns the maximum payload of a polling request, in bytes.
    pub(crate) fn max_payload(&self) -> usize {
        self.limits.max_payload
    }

    /// Returns the queue of packets that wait to be sent.
    pub(crate) fn queue(&self) -> &SendQueue {
        &self.queue
    }

    /// Returns `true` if a packet would be sent immediately.
    pub(crate) fn is_ready(&self) -> bool {
        let is_fetched = match (self.transport(), self.polling()) {
            (TransportType::Polling, Some(polling)) => polling.is_ready(),
            _ => true,
        };
        is_fetched && self.queue.is_empty()
    }

    /// Wakes the tasks that read and write the connection, after a change that concerns them.
    pub(crate) fn wake_stream(&self) {
        self.reader.wake();
        self.writer.wake();
        if self.queue.is_empty() {
            self.sent.notify_waiters();
        }
    }

    pub(crate) fn register_reader(&self, context: &Context<'_>) {
        self.reader.register(context.waker());
    }

    /// Wakes the task that reads the connection, which also sends the queue.
    pub(crate) fn wake_reader(&self) {
        self.reader.wake();
    }

    pub(crate) fn wake_writer(&self) {
        self.writer.wake();
    }

    /// Notes that the engine's writer has nothing more to send.
    pub(crate) fn note_engine_is_idle(&self) {
        self.queue.note_engine_is_idle();
        if self.is_watched.load(Ordering::Relaxed) && self.is_watched.swap(false, Ordering::AcqRel)
        {
            self.sent.notify_waiters();
        }
        if self.is_held.load(Ordering::Relaxed) && self.is_held.swap(false, Ordering::AcqRel) {
            self.reader.wake();
        }
    }

    pub(crate) fn register_writer(&self, context: &Context<'_>) {
        self.writer.register(context.waker());
    }
}

/// Permit for one namespace of a connection.
pub(crate) struct NamespacePermit(Arc<Connection>);

impl Drop for NamespacePermit {
    fn drop(&mut self) {
        self.0.namespaces.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) fn connection_of(raw: &RawSocket) -> Option<&Arc<Connection>> {
    raw.req_parts().extensions.get::<Arc<Connection>>()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
