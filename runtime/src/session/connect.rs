//! Connection to a namespace, and [disconnection](disconnect) from it.
//!
//! All handlers are registered before the client receives the confirmation of its connection. Its events wait in
//! [`PendingEvents`] until the `connected` hook has run.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    fmt::Display,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
    },
};

use tracing::Instrument;

use super::{
    acknowledgement::PendingAcks,
    children::{ChildLease, Closed},
    connect_error::ConnectError,
    disconnect::Disconnect,
    dispatch::receive::{Dispatcher, Typed, hand_over},
    expiry::Expiry,
    handshake::Handshake,
    lifecycle::Lifecycle,
    listeners::Listeners,
    namespace_state::{CountState, NamespaceRegistry, NamespaceState},
    pending_disconnects::PendingDisconnects,
    pending_events::PendingEvents,
    rates::Rates,
    socket::{Socket, State},
    span,
};
use crate::{
    cluster::bus::Bus,
    connection::connection::{Connection, NamespacePermit, connection_of},
    contract::{events::Dispatch, namespace::Namespace, path},
    protocol::Value,
    session::dispatch::inline_task,
    support::{
        in_flight::Kind,
        log_limiter::{LogLimiter, log_limited, truncate},
        one_shot::OneShotEvent,
        panic::{Contained, catch_panic_async},
        task::BoxFuture,
    },
    upstream::{Adapter, ConnectHandler, RawSocket, reconnect::end_connection},
    wire::message::decode_auth,
};

/// Future that socketioxide expects from a middleware.
type MiddlewareFuture<'a> =
    Pin<Box<dyn Future<Output = Result<(), Box<dyn Display + Send>>> + Send + 'a>>;

/// Message to a client about an error whose details are only logged.
const INTERNAL_ERROR: &str = "internal error";

/// Connect handler of namespace `N` with handler `H`.
pub(crate) struct Connect<N: Namespace, H> {
    pub(crate) handler: Arc<H>,
    pub(crate) shared: Arc<NamespaceState<N>>,
    /// Strong reference that keeps the registry alive as long as the namespace.
    pub(crate) namespaces: Arc<NamespaceRegistry>,
}

/// Connection progress of a socket, which decides if its hooks run.
///
/// A connection may end after socketioxide has listed a socket and before it calls the connect handler. socketioxide
/// then reports the disconnection first, and the connection afterwards or never.
#[derive(Default)]
pub(crate) struct Progress(AtomicU8);

const CONNECTING: u8 = 0;
const ENTERED: u8 = 1;
const LEFT: u8 = 2;

impl Progress {
    /// Records that the client is connected. Returns `false` if it has left already.
    fn enter(&self) -> bool {
        self.change(ENTERED)
    }

    /// Records that the client has left. Returns `true` if it was never connected.
    pub(crate) fn leave_early(&self) -> bool {
        self.change(LEFT)
    }

    fn change(&self, to: u8) -> bool {
        self.0
            .compare_exchange(CONNECTING, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}

/// Permits that a client holds while it is in a namespace or connects to it.
pub(crate) struct NamespaceGuards {
    permit: NamespacePermit,
    /// Boxed, because most namespaces are not dynamic.
    lease: Option<Box<ChildLease>>,
}

impl NamespaceGuards {
    /// Lets the client join another namespace, and returns the lease of the child.
    pub(crate) fn release_permit(self) -> Option<Box<ChildLease>> {
        drop(self.permit);
        self.lease
    }
}

impl<N: Namespace, H> Clone for Connect<N, H> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            shared: self.shared.clone(),
            namespaces: self.namespaces.clone(),
        }
    }
}

impl<N, H> ConnectHandler<Adapter, Typed> for Connect<N, H>
where
    N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
    H: Lifecycle<N>,
{
    fn call_middleware<'a>(
        &'a self,
        raw: Arc<RawSocket>,
        auth: &'a Option<Value>,
    ) -> MiddlewareFuture<'a> {
        Box::pin(async move {
            let admitted = catch_panic_async(self.admit(&raw, auth.as_ref())).await;
            let admitted = admitted.unwrap_or_else(|panic| {
                let namespace = raw.ns();
                log_limited!(
                    self.shared.log_limiter.next(),
                    error,
                    { namespace, panic },
                    "client rejected: decoding `auth` or a path parameter, or encoding the connect error, panicked"
                );
                self.turn_away(&raw);
                Err(INTERNAL_ERROR.to_owned())
            });
            let state = admitted
                .inspect_err(|_| self.shared.traffic.refused_connect())
                .map_err(|message| Box::new(message) as Box<dyn Display + Send>)?;
            raw.extensions.insert(state.clone());
            raw.on_fallback(Dispatcher(state.clone()));
            raw.on_disconnect(Disconnect(state));
            Ok(())
        })
    }

    fn call(&self, raw: Arc<RawSocket>, _: Option<Value>) {
        let Some(state) = raw.extensions.get::<Arc<State<N>>>() else {
            tracing::error!(
                namespace = N::PATTERN,
                "connected socket has no state; its events are ignored"
            );
            return;
        };
        if !state.progress.enter() {
            // The connection ended while socketioxide confirmed the connection to the client.
            return;
        }
        state.shared.add_socket(&state);
        state.shared.inc_sockets(&state.count_state);
        Expiry::start(&state);
        // Not earlier: if a client disconnects while it authenticates, its connection is kept for a while.
        state.connection.note_use(raw.id);
        if state.is_json {
            state.connection.add(path_of::<N>(&raw), state.clone());
            // The client may have left before there was an entry to remove.
            if state.has_left.load(Ordering::Acquire) {
                state.connection.remove(raw.ns());
            }
        }
        let is_lost = is_lost::<N>(&self.namespaces, &raw);
        let socket = Socket { raw, state };
        let hook = connected(self.handler.clone(), socket.clone());
        let in_flight = self.namespaces.in_flight.clone();
        let task: BoxFuture<()> = Box::pin(in_flight.during(Kind::Handler, hook));
        inline_task::run(task);
        if is_lost {
            connect_again(&socket.raw);
            socket.disconnect();
        }
    }
}

impl<N: Namespace, H: Lifecycle<N>> Connect<N, H> {
    /// Authenticates a client; the error is the message of its `connect_error`.
    async fn admit(
        &self,
        raw: &Arc<RawSocket>,
        auth: Option<&Value>,
    ) -> Result<Arc<State<N>>, String> {
        let Some(connection) = connection_of(raw) else {
            // Every way into socketioxide leads through this crate's layer, which adds the connection.
            tracing::error!(namespace = N::PATTERN, "socket has no connection");
            return Err(INTERNAL_ERROR.to_owned());
        };
        let admitted = self.let_through(raw, connection);
        let (namespace, guards) = admitted.inspect_err(|_| self.turn_away(raw))?;
        prepare(
            &self.shared.pending_disconnects,
            &self.namespaces.bus,
            &self.shared.log_limiter,
            raw,
        )
        .await;
        self.shared.overflow.note_runtime();
        let handshake = Handshake::new(raw.clone(), connection.clone(), namespace);
        if let Some(fingerprint) = &self.shared.fingerprint {
            fingerprint.check(N::PATTERN, handshake.uri(), &self.shared.log_limiter)?;
        }
        let auth = self.decode_auth(raw, auth)?;
        let hook = async { self.handler.authenticate(&handshake, auth).await };
        let data = catch_panic_async(hook.instrument(span::authenticate(raw)))
            .await
            .unwrap_or_else(|panic| {
                let log_limiter = &self.shared.log_limiter;
                log_limited!(log_limiter.next(), error, { namespace = raw.ns(), socket = %raw.id, panic }, "`authenticate` hook panicked");
                Err(ConnectError::new(INTERNAL_ERROR))
            })
            .map_err(|error| {
                tracing::debug!(
                    namespace = raw.ns(),
                    socket = %raw.id,
                    message = error.message(),
                    "client rejected"
                );
                error.into_wire()
            })?;
        // As in Node, a socket is in a room of its own id, through which every server reaches it.
        raw.join(raw.id);
        if is_lost::<N>(&self.namespaces, raw) {
            return Err(connect_again(raw));
        }
        let (namespace, deadline) = handshake.into_parts();
        let state = Arc::new(State {
            raw: Arc::downgrade(raw),
            namespace: Contained::new(namespace),
            data: Contained::new(data),
            shared: self.shared.clone(),
            is_json: self.namespaces.bus.cluster().namespaces.is_json(),
            pending_events: PendingEvents::default(),
            closed: OneShotEvent::default(),
            is_disconnected: AtomicBool::new(false),
            has_left: AtomicBool::new(false),
            progress: Progress::default(),
            guards: Mutex::new(Some(guards)),
            rooms_left: OnceLock::new(),
            listeners: Contained::new(Listeners::default()),
            backlog: OnceLock::new(),
            connection: connection.clone(),
            expiry: Expiry::of_handshake(deadline),
            rates: Rates::of::<N::ClientToServer>(&self.shared.limits),
            pending_acks: PendingAcks::default(),
            joined: AtomicUsize::new(0),
            count_state: CountState::default(),
        });
        Ok(state)
    }

    /// Deletes the child that was created for a rejected client, unless other clients are in it.
    fn turn_away(&self, raw: &Arc<RawSocket>) {
        if path::is_dynamic(N::PATTERN) {
            self.shared.children.turn_away(&self.namespaces.bus, raw);
        }
    }

    /// Checks the path and reserves the permits. Unauthenticated clients can trigger this, so it runs before the server
    /// does any other work for the client.
    fn let_through(
        &self,
        raw: &Arc<RawSocket>,
        connection: &Arc<Connection>,
    ) -> Result<(N, NamespaceGuards), String> {
        // An unknown path gets the same answer as in socketioxide and Node.
        let namespace = path::read(raw.ns()).map_err(|error| {
            tracing::debug!(namespace = raw.ns(), socket = %raw.id, %error, "client rejected: invalid path");
            "Invalid namespace".to_owned()
        })?;
        let permit = connection.enter(self.shared.limits.namespaces);
        let permit = permit.ok_or_else(|| self.full(raw, "too many namespaces"))?;
        let lease = match path::is_dynamic(N::PATTERN) {
            true => Some(Box::new(self.enter_child(raw)?)),
            false => None,
        };
        Ok((namespace, NamespaceGuards { permit, lease }))
    }

    fn enter_child(&self, raw: &Arc<RawSocket>) -> Result<ChildLease, String> {
        let lease = self.shared.children.enter(&self.namespaces.bus, raw);
        lease.map_err(|closed| match closed {
            Closed::TooMany => self.full(raw, "too many children"),
            Closed::Gone => connect_again(raw),
        })
    }

    /// Logs that a client is rejected because it exceeds a limit.
    fn full(&self, raw: &RawSocket, reason: &'static str) -> String {
        let namespace = truncate(raw.ns());
        log_limited!(self.shared.log_limiter.next(), warn, { namespace, socket = %raw.id, reason }, "client rejected");
        reason.to_owned()
    }

    fn decode_auth(&self, raw: &RawSocket, auth: Option<&Value>) -> Result<N::Auth, String> {
        // A namespace without `auth` accepts and ignores any `auth` of a client.
        if TypeId::of::<N::Auth>() == TypeId::of::<()>()
            && let Ok(unit) = (Box::new(()) as Box<dyn Any>).downcast::<N::Auth>()
        {
            return Ok(*unit);
        }
        decode_auth(auth).map_err(|error| {
            let (namespace, detail) = (truncate(raw.ns()), error.to_string());
            log_limited!(self.shared.log_limiter.next(), warn, { namespace, socket = %raw.id, error = truncate(&detail) }, "client rejected: invalid `auth`");
            if self.shared.development {
                format!("invalid auth: {error}")
            } else {
                "invalid auth".to_owned()
            }
        })
    }
}

/// Returns the path of a socket's namespace, which is static for most namespaces.
fn path_of<N: Namespace>(raw: &RawSocket) -> Cow<'static, str> {
    match path::is_dynamic(N::PATTERN) {
        true => raw.ns().to_owned().into(),
        false => N::PATTERN.into(),
    }
}

/// Waits for the `disconnected` hook of the client's previous socket, and until the cluster knows the namespace.
async fn prepare(
    pending_disconnects: &Arc<PendingDisconnects>,
    bus: &Bus,
    log_limiter: &LogLimiter,
    raw: &RawSocket,
) {
    let namespace = raw.ns();
    if !pending_disconnects.wait(raw.id, namespace).await {
        log_limited!(log_limiter.next(), warn, { namespace, socket = %raw.id }, "client reconnected while the `disconnected` hook of its previous socket is running");
    }
    bus.join(namespace);
    if !bus.cluster().namespaces.ready(namespace).await {
        log_limited!(
            log_limiter.next(),
            warn,
            { namespace },
            "client connected without a subscription to other servers"
        );
    }
}

/// Returns `true` if the socket's namespace was deleted or replaced, or if the server is closing.
fn is_lost<N: Namespace>(namespaces: &NamespaceRegistry, raw: &RawSocket) -> bool {
    if namespaces.in_flight.is_closing() {
        return true;
    }
    // Static namespaces are created once, when they are mounted.
    path::is_dynamic(N::PATTERN)
        && !namespaces
            .bus
            .cluster()
            .namespaces
            .is_current(raw.ns(), raw.id)
}

/// Makes a client reconnect because its namespace was created twice, or was deleted while it connected, or because its
/// server is closing.
fn connect_again(raw: &Arc<RawSocket>) -> String {
    tracing::debug!(namespace = raw.ns(), socket = %raw.id, "client asked to reconnect");
    end_connection(raw);
    "connect again".to_owned()
}

/// Runs the `connected` hook, then dispatches the events that have arrived meanwhile.
async fn connected<N: Namespace, H: Lifecycle<N>>(handler: Arc<H>, socket: Socket<N>) {
    let hook = async { handler.connected(socket.clone()).await };
    let hook = hook.instrument(span::connected(&socket.raw));
    if let Err(panic) = catch_panic_async(hook).await {
        let log_limiter = &socket.state.shared.log_limiter;
        let namespace = N::PATTERN;
        log_limited!(log_limiter.next(), error, { namespace, socket = %socket.id(), panic }, "`connected` hook panicked; socket disconnected");
        socket.disconnect();
        socket.state.pending_events.discard();
        return;
    }
    socket
        .state
        .pending_events
        .open(|message, ack_id| hand_over(socket.clone(), message, ack_id));
}
