//! State shared by all sockets of a mounted namespace.

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, RwLock, Weak,
        atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
};

use super::{
    children::Children,
    dispatch::{EventContext, received_event::ReceivedEvent},
    fingerprints::{Expected, Fingerprints},
    lifecycle::{DisconnectReason, Lifecycle, Rejected},
    pending_disconnects::PendingDisconnects,
    socket::{Socket, State},
};
use crate::{
    cluster::bus::Bus,
    config::{limits::Limits, overflow_policy::OverflowPolicy},
    connection::slow_clients::SlowClients,
    contract::{
        events::{Dispatch, Dispatched},
        namespace::Namespace,
    },
    metrics::{EventOrigin, Traffic},
    session::backlog::policy::Overflow,
    support::{
        in_flight::InFlight,
        log_limiter::{LogDecision, LogLimiter, log_limited, truncate},
        panic::catch_panic,
        task::BoxFuture,
    },
    wire::acknowledgement::RejectionCode,
};

/// Mounted namespaces of one server, by type.
pub(crate) struct NamespaceRegistry {
    namespaces: RwLock<HashMap<TypeId, Arc<dyn Mounted>>>,
    pub(crate) bus: Arc<Bus>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) slow_clients: Arc<SlowClients>,
    pub(crate) overflow: Arc<Overflow>,
    pub(crate) fingerprints: Fingerprints,
}

/// State of a client in the connection count. The client may leave before it is counted.
#[derive(Default)]
pub(crate) struct CountState(AtomicU8);

const AWAITED: u8 = 0;
const PRESENT: u8 = 1;
const GONE: u8 = 2;

/// Mounted namespace of any type.
trait Mounted: Any + Send + Sync {
    fn pattern(&self) -> &'static str;
    /// Returns the number of its clients.
    fn count(&self) -> usize;
    /// Returns `true` if packets wait for room in the send buffer of one of its clients.
    fn is_waiting(&self) -> bool;
    /// Disconnects all its clients.
    fn disconnect(&self);
}

impl NamespaceRegistry {
    pub(crate) fn new(
        bus: Arc<Bus>,
        limits: Arc<Limits>,
        in_flight: Arc<InFlight>,
        slow_clients: Arc<SlowClients>,
        (overflow_policy, packets): (OverflowPolicy, usize),
        fingerprints: Fingerprints,
    ) -> Self {
        let overflow = Overflow::new(overflow_policy, packets, bus.cluster().namespaces.clone());
        Self {
            namespaces: RwLock::default(),
            bus,
            limits,
            in_flight,
            slow_clients,
            overflow: Arc::new(overflow),
            fingerprints,
        }
    }

    /// Returns the registry of a server without namespaces.
    pub(crate) fn none() -> Self {
        let (limits, in_flight, fingerprints) =
            (Arc::default(), Arc::default(), Fingerprints::ignore());
        Self::new(
            Bus::standalone(),
            limits,
            in_flight,
            Arc::default(),
            (OverflowPolicy::default(), usize::MAX),
            fingerprints,
        )
    }

    pub(crate) fn get<N: Namespace>(&self) -> Option<Arc<NamespaceState<N>>> {
        let namespaces = self
            .namespaces
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mounted: Arc<dyn Any + Send + Sync> = namespaces.get(&TypeId::of::<N>())?.clone();
        mounted.downcast().ok()
    }

    fn all(&self) -> Vec<Arc<dyn Mounted>> {
        let namespaces = self
            .namespaces
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        namespaces.values().cloned().collect()
    }

    /// Returns the number of clients in each namespace.
    pub(crate) fn sockets(&self) -> BTreeMap<&'static str, usize> {
        let namespaces = self.all().into_iter();
        namespaces.map(|it| (it.pattern(), it.count())).collect()
    }

    /// Returns `true` if packets wait for room in a send buffer.
    pub(crate) fn is_waiting(&self) -> bool {
        self.all().iter().any(|mount| mount.is_waiting())
    }

    /// Disconnects all clients of all mounted namespaces.
    pub(crate) fn disconnect(&self) {
        for mount in self.all() {
            mount.disconnect();
        }
    }

    /// Adds a namespace. Returns `false` if its type is mounted already.
    pub(crate) fn insert<N: Namespace>(&self, shared: Arc<NamespaceState<N>>) -> bool {
        let mut namespaces = self
            .namespaces
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        match namespaces.entry(TypeId::of::<N>()) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(shared);
                true
            }
        }
    }

    pub(crate) fn remove<N: Namespace>(&self) {
        let mut namespaces = self
            .namespaces
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        namespaces.remove(&TypeId::of::<N>());
    }
}

/// State of a mounted namespace, including the children of a dynamic one.
pub(crate) struct NamespaceState<N: Namespace> {
    hooks: Box<dyn Hooks<N>>,
    /// Weak, because the registry holds this state. The namespace's connect handler keeps the registry alive.
    namespaces: Weak<NamespaceRegistry>,
    /// `true` if clients receive the details of a rejection.
    pub(crate) development: bool,
    pub(crate) fingerprint: Option<Expected>,
    pub(crate) limits: Arc<Limits>,
    /// Limiter for log lines about client behavior.
    pub(crate) log_limiter: LogLimiter,
    pub(crate) children: Arc<Children>,
    rejected: AtomicU64,
    outgoing_listeners: AtomicUsize,
    /// Sockets by the address of their state, for requests of other servers. The id cannot be the key: a client has the
    /// same id in several children of a dynamic namespace, and after it has reconnected.
    sockets: Mutex<HashMap<usize, Weak<State<N>>>>,
    pub(crate) pending_disconnects: Arc<PendingDisconnects>,
    pub(crate) overflow: Arc<Overflow>,
    /// Number of connected clients.
    present: AtomicUsize,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) slow_clients: Arc<SlowClients>,
    /// Counters of its clients' events.
    pub(crate) traffic: Arc<Traffic>,
    /// Counters of other servers' events.
    pub(crate) server_traffic: Arc<Traffic>,
}

impl<N: Namespace> Mounted for NamespaceState<N> {
    fn pattern(&self) -> &'static str {
        N::PATTERN
    }

    fn count(&self) -> usize {
        self.present.load(Ordering::Relaxed)
    }

    fn is_waiting(&self) -> bool {
        let sockets = self.sockets();
        let is_waiting = |socket: &Socket<N>| {
            let outbox = socket.state.outbox();
            outbox.is_waiting() || !outbox.connection.queue().is_idle()
        };
        sockets.iter().any(is_waiting)
    }

    fn disconnect(&self) {
        for socket in self.sockets() {
            socket.disconnect();
        }
    }
}

impl<N: Namespace> NamespaceState<N> {
    pub(crate) fn new<H: Lifecycle<N>>(
        handler: Arc<H>,
        namespaces: &Arc<NamespaceRegistry>,
        development: bool,
    ) -> Self
    where
        N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
    {
        Self {
            hooks: Box::new(HandlerHooks(handler)),
            namespaces: Arc::downgrade(namespaces),
            development,
            fingerprint: namespaces.fingerprints.expected::<N>(),
            limits: namespaces.limits.clone(),
            log_limiter: LogLimiter::default(),
            children: Arc::new(Children::new(namespaces.limits.children)),
            rejected: AtomicU64::new(0),
            outgoing_listeners: AtomicUsize::new(0),
            sockets: Mutex::default(),
            pending_disconnects: Arc::default(),
            overflow: namespaces.overflow.clone(),
            present: AtomicUsize::new(0),
            in_flight: namespaces.in_flight.clone(),
            slow_clients: namespaces.slow_clients.clone(),
            traffic: Arc::new(Traffic::new(N::PATTERN, EventOrigin::Client)),
            server_traffic: Arc::new(Traffic::new(N::PATTERN, EventOrigin::Server)),
        }
    }

    /// Counts a client that is in the namespace.
    pub(crate) fn inc_sockets(&self, count_state: &CountState) {
        if count_state
            .0
            .compare_exchange(AWAITED, PRESENT, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
        {
            self.present.fetch_add(1, Ordering::Relaxed);
            self.traffic.connected();
        }
    }

    /// Counts a client that has left.
    pub(crate) fn dec_sockets(&self, count_state: &CountState, reason: &'static str) {
        if count_state.0.swap(GONE, Ordering::Relaxed) == PRESENT {
            self.present.fetch_sub(1, Ordering::Relaxed);
            self.traffic.disconnected(reason);
        }
    }

    pub(crate) fn add_socket(&self, state: &Arc<State<N>>) {
        let weak = Arc::downgrade(state);
        lock(&self.sockets).insert(weak.as_ptr().addr(), weak);
    }

    pub(crate) fn remove_socket(&self, state: &State<N>) {
        lock(&self.sockets).remove(&std::ptr::from_ref(state).addr());
    }

    pub(crate) fn sockets(&self) -> Vec<Socket<N>> {
        let states: Vec<_> = lock(&self.sockets).values().cloned().collect();
        let socket = |state: Weak<State<N>>| {
            let state = state.upgrade()?;
            let raw = state.raw.upgrade()?;
            let socket = Socket { raw, state };
            // A disconnected socket stays alive while someone holds a clone of it.
            socket.connected().then_some(socket)
        };
        states.into_iter().filter_map(socket).collect()
    }

    pub(crate) fn bus(&self) -> Option<Arc<Bus>> {
        Some(self.namespaces()?.bus.clone())
    }

    pub(crate) fn namespaces(&self) -> Option<Arc<NamespaceRegistry>> {
        self.namespaces.upgrade()
    }

    pub(crate) fn count_rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn rejected_count(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    /// Passes an event to the handler.
    pub(crate) fn dispatch(&self, call: ReceivedEvent<'_, Socket<N>>) -> Dispatched {
        // The client has been disconnected, or is about to be.
        if self.in_flight.is_closing() || call.context().is_disconnected() {
            return Dispatched::Done;
        }
        self.hooks.dispatch(call)
    }

    /// Logs, counts and reports an event that was not handled.
    pub(crate) fn reject(&self, socket: &Socket<N>, rejected: &Rejected) {
        self.count_rejected();
        self.traffic.refused(&rejected.event, rejected.code);
        log_limited!(self.line_of(socket, rejected.code), warn, {
            namespace = N::PATTERN,
            socket = %socket.id(),
            event = truncate(&rejected.event),
            code = ?rejected.code,
            detail = truncate(&rejected.detail)
        }, "event rejected");
        if let Err(panic) = catch_panic(|| self.hooks.rejected(socket, rejected)) {
            log_limited!(self.log_limiter.next(), error, { namespace = N::PATTERN, socket = %socket.id(), panic }, "`rejected` hook panicked");
        }
    }

    /// Decides if a rejected event is logged. A client above its rate limit gets one line per second, which leaves room
    /// for other lines.
    fn line_of(&self, socket: &Socket<N>, code: RejectionCode) -> LogDecision {
        match &socket.state.rates {
            Some(rates) if code == RejectionCode::RateLimited && !rates.wants_line() => {
                self.log_limiter.leave_out()
            }
            _ => self.log_limiter.next(),
        }
    }

    /// Runs the `expired` hook of a socket.
    pub(crate) fn expired(&self, socket: Socket<N>) -> BoxFuture<()> {
        self.hooks.expired(socket)
    }

    /// Runs the `disconnected` hook of a socket.
    pub(crate) fn disconnected(
        &self,
        socket: Socket<N>,
        reason: DisconnectReason,
    ) -> BoxFuture<()> {
        self.hooks.disconnected(socket, reason)
    }

    pub(crate) fn add_outgoing_listener(&self) {
        self.outgoing_listeners.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn remove_outgoing_listeners(&self, count: usize) {
        self.outgoing_listeners.fetch_sub(count, Ordering::Relaxed);
    }

    pub(crate) fn has_outgoing_listeners(&self) -> bool {
        self.outgoing_listeners.load(Ordering::Relaxed) > 0
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Hooks of a handler without its type.
trait Hooks<N: Namespace>: Send + Sync {
    fn rejected(&self, socket: &Socket<N>, rejected: &Rejected);
    fn dispatch(&self, call: ReceivedEvent<'_, Socket<N>>) -> Dispatched;
    fn expired(&self, socket: Socket<N>) -> BoxFuture<()>;
    fn disconnected(&self, socket: Socket<N>, reason: DisconnectReason) -> BoxFuture<()>;
}

struct HandlerHooks<H>(Arc<H>);

impl<N, H> Hooks<N> for HandlerHooks<H>
where
    N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
    H: Lifecycle<N>,
{
    fn rejected(&self, socket: &Socket<N>, rejected: &Rejected) {
        self.0.rejected(socket, rejected);
    }

    fn dispatch(&self, call: ReceivedEvent<'_, Socket<N>>) -> Dispatched {
        N::ClientToServer::dispatch(&self.0, call)
    }

    fn expired(&self, socket: Socket<N>) -> BoxFuture<()> {
        let handler = self.0.clone();
        Box::pin(async move { handler.expired(socket).await })
    }

    fn disconnected(&self, socket: Socket<N>, reason: DisconnectReason) -> BoxFuture<()> {
        let handler = self.0.clone();
        Box::pin(async move { handler.disconnected(socket, reason).await })
    }
}
