//! State of a client's connection, shared by its transport and its sockets.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Context,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use tokio::{
    runtime::Handle,
    sync::{Notify, futures::Notified},
};

use super::{
    address_permits::AddressPermit, polling::Polling, registry::ConnectionRegistry,
    send_queue::SendQueue, session_token::Lookup,
};
use crate::{
    config::limits::Limits,
    metrics,
    protocol::{DisconnectReason, Sid, TransportType},
    support::log_limiter::LogDecision,
    upstream::RawSocket,
};

/// Metrics label of a connection that ended without ever joining a namespace.
const UNUSED: &str = "no_namespace";

/// Time for which the packets of an ended session are kept, until a client that polls has fetched them with its next
/// poll.
const LINGER: Duration = Duration::from_secs(5);

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
        let place = NamespacePermit(self.clone());
        (before < most).then_some(place)
    }

    pub(crate) fn route(&self, namespace: &str) -> Option<Arc<dyn Route>> {
        let routes = lock(&self.routes);
        let found = routes.iter().find(|(path, _)| path == namespace);
        found.map(|(_, route)| route.clone())
    }

    /// Counts the connection as open, once the engine has accepted it.
    pub(crate) fn open(&self) {
        if let Some(registry) = self.registry.upgrade()
            && !self.is_open.swap(true, Ordering::Relaxed)
        {
            registry.in_flight.connection_opened();
            metrics::connection_opened();
        }
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

    /// Ends the connection on the engine's side. A client that polls may still fetch the last packets, unless the
    /// client has ended the connection (`may_come`).
    pub(crate) fn end_reading(self: &Arc<Self>, may_come: bool) {
        let may_fetch = self.polling().is_some_and(Polling::end);
        if may_come && may_fetch && !self.queue.is_empty() && !self.is_closed() {
            self.linger();
        } else {
            self.queue.clear();
            self.release();
        }
        // For other connections, a namespace is notified of the end and its reason.
        if !self.is_used.load(Ordering::Relaxed) {
            self.note_end(UNUSED);
        }
    }

    /// Ends the connection. The application may keep one of its sockets, and with it this value.
    pub(crate) fn end(&self, reason: &'static str) {
        if !self.is_lingering.load(Ordering::Acquire) {
            self.release();
        }
        self.note_end(reason);
    }

    fn release(&self) {
        if let Some(permit) = &self.permit {
            permit.release();
        }
    }

    fn note_end(&self, reason: &'static str) {
        if self.is_open.swap(false, Ordering::Relaxed)
            && let Some(registry) = self.registry.upgrade()
        {
            registry.in_flight.connection_closed();
            metrics::connection_closed(reason);
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

    /// Keeps the session and its address permit for a limited time, so that the client can fetch the last packets.
    fn linger(self: &Arc<Self>) {
        let connection = self.clone();
        if let Ok(runtime) = Handle::try_current() {
            self.is_lingering.store(true, Ordering::Release);
            runtime.spawn(async move {
                let fetched = async {
                    loop {
                        // Created before the check, so that no notification is missed.
                        let sent = connection.sent.notified();
                        if connection.queue.is_empty() {
                            break;
                        }
                        sent.await;
                    }
                };
                let _ = tokio::time::timeout(LINGER, fetched).await;
                connection.queue.clear();
                connection.release();
            });
        }
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

    /// Returns `true` if one more event may be read.
    pub(crate) fn has_room_for_events(&self) -> bool {
        let is_busy = self.has_too_many_events() && !self.is_overloaded.load(Ordering::Relaxed);
        !is_busy && !self.queue.is_crowded()
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

/// Events in progress.
impl Connection {
    /// Counts a handler that has not finished at its first poll, until the returned value is dropped.
    pub(crate) fn begin_event(self: &Arc<Self>) -> InProgress {
        self.in_progress.fetch_add(1, Ordering::Relaxed);
        InProgress(self.clone())
    }

    fn has_too_many_events(&self) -> bool {
        self.in_progress.load(Ordering::Relaxed) >= self.limits.events_in_progress
    }

    /// Returns `true` if events are rejected until some of those in progress have finished.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.is_overloaded.load(Ordering::Relaxed) && self.has_too_many_events()
    }

    /// Starts to reject events, until fewer are in progress.
    pub(crate) fn begin_rejecting(&self) {
        self.is_overloaded.store(true, Ordering::Relaxed);
    }
}

/// Event whose handler has not finished.
pub(crate) struct InProgress(Arc<Connection>);

impl Drop for InProgress {
    fn drop(&mut self) {
        let Self(connection) = self;
        let before = connection.in_progress.fetch_sub(1, Ordering::Relaxed);
        if before == connection.limits.events_in_progress {
            connection.is_overloaded.store(false, Ordering::Relaxed);
            connection.reader.wake();
        }
    }
}

/// End and backpressure.
impl Connection {
    /// Ends the connection without notifying the client, which then reconnects; returns `false` if it has ended before.
    pub(crate) fn close(&self) -> bool {
        let is_first = !self.is_closed.swap(true, Ordering::AcqRel);
        self.wake_stream();
        if let Some(polling) = self.polling() {
            polling.wake_getter();
        }
        is_first
    }

    /// Ends the connection for this reason.
    pub(crate) fn fail(&self, reason: DisconnectReason) {
        // The first reason is the cause.
        let _ = self.end_reason.set(reason);
        self.close();
    }

    /// Returns the reason, if the connection was ended from this side.
    pub(crate) fn end_reason(&self) -> Option<DisconnectReason> {
        self.end_reason.get().copied()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Stops reading from the client until the returned value is dropped.
    pub(crate) fn pause(self: &Arc<Self>) -> Pause {
        self.pauses.fetch_add(1, Ordering::AcqRel);
        Pause(self.clone())
    }

    /// Resolves for all callers when the engine has sent everything that it had at the time of the call.
    pub(crate) fn sent(&self) -> Notified<'_> {
        let sent = self.sent.notified();
        self.is_watched.store(true, Ordering::Release);
        sent
    }

    fn is_crowded_for_now(&self) -> bool {
        if !self.queue.is_crowded() {
            return false;
        }
        self.is_held.store(true, Ordering::Release);
        // The engine may have sent the data before it could see `is_held`.
        self.queue.is_crowded()
    }

    /// Registers the task that reads, and returns whether it may continue.
    pub(crate) fn reading(&self, context: &Context<'_>) -> Reading {
        self.reader.register(context.waker());
        if self.is_closed() {
            Reading::Closed
        } else if self.pauses.load(Ordering::Acquire) > 0 || self.is_crowded_for_now() {
            Reading::Paused
        } else if self.has_too_many_events() && !self.is_overloaded() {
            Reading::Overloaded
        } else {
            Reading::Open
        }
    }
}

/// State of reading from a client's connection.
pub(crate) enum Reading {
    Open,
    Paused,
    /// Too many events are in progress.
    Overloaded,
    Closed,
}

/// Pause in reading from a client's connection, on behalf of one of its sockets.
pub(crate) struct Pause(Arc<Connection>);

impl Drop for Pause {
    fn drop(&mut self) {
        if self.0.pauses.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.reader.wake();
        }
    }
}

/// Permit for one namespace of a connection.
pub(crate) struct NamespacePermit(Arc<Connection>);

impl Drop for NamespacePermit {
    fn drop(&mut self) {
        self.0.namespaces.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A connection may be dropped before anything has noted its end.
        self.note_end(UNUSED);
        if let (Some(polled), Some(registry)) = (&self.polling, self.registry.upgrade()) {
            registry.forget(&polled.lookup);
        }
    }
}

pub(crate) fn connection_of(raw: &RawSocket) -> Option<&Arc<Connection>> {
    raw.req_parts().extensions.get::<Arc<Connection>>()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_connection_is_ended_once() {
        let connection = Arc::<ConnectionRegistry>::default().begin(None);
        assert!(connection.close());
        assert!(!connection.close());
    }

    #[tokio::test]
    async fn all_who_wait_for_what_is_sent_hear_of_it() {
        let connection = Arc::<ConnectionRegistry>::default().begin(None);
        let both = futures_util::future::join(connection.sent(), connection.sent());
        connection.note_engine_is_idle();
        let limit = std::time::Duration::from_secs(5);
        let heard = tokio::time::timeout(limit, both).await;
        heard.expect("both hear of it");
        assert!(connection.sent().now_or_never().is_none());
    }

    #[test]
    fn a_connection_is_read_when_nobody_keeps_it_from_being_read() {
        let connection = Arc::<ConnectionRegistry>::default().begin(None);
        let is_paused = || {
            let context = Context::from_waker(std::task::Waker::noop());
            matches!(connection.reading(&context), Reading::Paused)
        };
        let (first, second) = (connection.pause(), connection.pause());
        drop(first);
        assert!(is_paused());
        drop(second);
        assert!(!is_paused());
    }
}
