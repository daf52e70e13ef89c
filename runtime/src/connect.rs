//! How a client gets into a namespace and out of it.
//!
//! Everything that receives is registered before the client is told that it is connected; its events wait at the
//! [`Gate`] until the `connected` hook has run.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    fmt::Display,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    task::Waker,
};

use socketioxide::handler::{ConnectHandler, DisconnectHandler};
use socketioxide_core::Value;

use crate::{
    ack::RejectionCode,
    cluster::{Adapter, Bus, RawSocket},
    dispatch::{Dispatcher, Typed, parked, receive},
    expiry::Expiry,
    farewell::Farewells,
    flag::Flag,
    lifecycle::{ConnectError, DisconnectReason, Handshake, Lifecycle, Rejected},
    listeners::{BoxFuture, Listeners},
    namespace::{Dispatch, Namespace},
    panic::{Contained, catch_panic_async},
    path::{self, PathParameters},
    shared::{Mounts, Shared},
    socket::{Socket, State},
    transport::Link,
    unreadable::end_connection,
    wire::decode_auth,
};

/// What socketioxide wants of a middleware.
type Admission<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Display + Send>>> + Send + 'a>>;

/// What a client is told of what only the log says.
const INTERNAL_ERROR: &str = "internal error";

/// Lets clients into namespace `N` of handler `H`.
pub(crate) struct Connect<N: Namespace, H> {
    pub(crate) handler: Arc<H>,
    pub(crate) shared: Arc<Shared<N>>,
    /// Kept alive as long as the namespace is.
    pub(crate) mounts: Arc<Mounts>,
}

impl<N: Namespace, H> Clone for Connect<N, H> {
    fn clone(&self) -> Self {
        Self {
            handler: self.handler.clone(),
            shared: self.shared.clone(),
            mounts: self.mounts.clone(),
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
    ) -> Admission<'a> {
        Box::pin(async move {
            let admitted = catch_panic_async(self.admit(&raw, auth.as_ref())).await;
            let admitted = admitted.unwrap_or_else(|panic| {
                let namespace = raw.ns();
                tracing::error!(
                    namespace,
                    panic,
                    "a client could not be let in: its `auth`, a parameter of the path or the data of a refusal panicked"
                );
                Err(INTERNAL_ERROR.to_owned())
            });
            let state = admitted.map_err(|message| Box::new(message) as Box<dyn Display + Send>)?;
            raw.extensions.insert(state.clone());
            raw.on_fallback(Dispatcher(state.clone()));
            raw.on_disconnect(Disconnect {
                handler: self.handler.clone(),
                state,
            });
            Ok(())
        })
    }

    fn call(&self, raw: Arc<RawSocket>, _: Option<Value>) {
        let Some(state) = raw.extensions.get::<Arc<State<N>>>() else {
            tracing::error!(
                namespace = N::PATTERN,
                "a socket without its state was connected"
            );
            return;
        };
        state.shared.add_socket(&state);
        Expiry::start(&state);
        // Not before: of a client that went away while it was let in, the connection is kept for a while.
        if let Some(link) = raw.req_parts().extensions.get::<Arc<Link>>()
            && state.is_json
        {
            link.add(path_of::<N>(&raw), state.clone());
            link.list(raw.id);
        }
        let is_lost = is_lost::<N>(&self.mounts, &raw);
        let socket = Socket { raw, state };
        let task: BoxFuture<()> = Box::pin(connected(self.handler.clone(), socket.clone()));
        parked::run(task);
        if is_lost && let Err(error) = socket.disconnect() {
            tracing::debug!(socket = %socket.id(), %error, "a lost socket could not be disconnected");
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
        let parameters = PathParameters::new(N::PATTERN, raw.ns());
        // A path that is none of ours is answered as socketioxide and Node answer one.
        let namespace = N::from_parameters(&parameters).map_err(|error| {
            tracing::debug!(namespace = raw.ns(), %error, "a path was refused");
            "Invalid namespace".to_owned()
        })?;
        prepare(&self.shared.farewells, &self.mounts.bus, raw).await;
        self.shared.overflow.note_runtime();
        let handshake = Handshake::new(raw.clone(), namespace);
        if let Some(fingerprint) = &self.shared.fingerprint {
            fingerprint.check(N::PATTERN, handshake.uri())?;
        }
        let auth = self.decode_auth(raw, auth)?;
        let data = catch_panic_async(async { self.handler.authenticate(&handshake, auth).await })
            .await
            .unwrap_or_else(|panic| {
                tracing::error!(
                    namespace = raw.ns(),
                    panic,
                    "the `authenticate` hook panicked"
                );
                Err(ConnectError::new(INTERNAL_ERROR))
            })
            .map_err(|error| {
                tracing::debug!(
                    namespace = raw.ns(),
                    message = error.message(),
                    "a client was refused"
                );
                error.into_wire()
            })?;
        // As in Node, a socket is in a room of its own, by which every server reaches it.
        raw.join(raw.id);
        if is_lost::<N>(&self.mounts, raw) {
            return Err("connect again".to_owned());
        }
        let (namespace, deadline) = handshake.into_parts();
        Ok(Arc::new(State {
            raw: Arc::downgrade(raw),
            namespace: Contained::new(namespace),
            data: Contained::new(data),
            shared: self.shared.clone(),
            is_json: self.mounts.bus.cluster().is_json(),
            gate: Gate::default(),
            rooms_left: OnceLock::new(),
            listeners: Contained::new(Listeners::default()),
            backlog: OnceLock::new(),
            expiry: Expiry::of_handshake(deadline),
        }))
    }

    fn decode_auth(&self, raw: &RawSocket, auth: Option<&Value>) -> Result<N::Auth, String> {
        // A namespace without `auth` takes whatever a client sends along.
        if TypeId::of::<N::Auth>() == TypeId::of::<()>()
            && let Ok(unit) = (Box::new(()) as Box<dyn Any>).downcast::<N::Auth>()
        {
            return Ok(*unit);
        }
        decode_auth(auth).map_err(|error| {
            tracing::warn!(namespace = raw.ns(), %error, "the auth of a handshake was refused");
            if self.shared.development {
                format!("invalid auth: {error}")
            } else {
                "invalid auth".to_owned()
            }
        })
    }
}

/// The path of a socket's namespace, which of most is known in advance.
fn path_of<N: Namespace>(raw: &RawSocket) -> Cow<'static, str> {
    match path::is_dynamic(N::PATTERN) {
        true => raw.ns().to_owned().into(),
        false => N::PATTERN.into(),
    }
}

/// Waits until the client may come back, and until the namespace is known to the cluster.
async fn prepare(farewells: &Arc<Farewells>, bus: &Bus, raw: &RawSocket) {
    farewells.wait(raw.id, raw.ns()).await;
    bus.join(raw.ns());
    bus.cluster().ready(raw.ns()).await;
}

/// Starts a task; of one type, for tokio compiles much for each type of task.
pub(crate) fn spawn(task: BoxFuture<()>) {
    tokio::spawn(task);
}

/// Whether a socket is in a namespace that another has taken the path of. If so, its client is made to connect again.
fn is_lost<N: Namespace>(mounts: &Mounts, raw: &Arc<RawSocket>) -> bool {
    // Others are made once, when they are mounted.
    let may_be = path::is_dynamic(N::PATTERN);
    let is_lost = may_be && !mounts.bus.cluster().is_current(raw.ns(), raw.id);
    if is_lost {
        tracing::debug!(namespace = raw.ns(), socket = %raw.id, "the namespace was made twice");
        end_connection(raw);
    }
    is_lost
}

/// Runs the hook, then lets the events in that have arrived meanwhile.
async fn connected<N: Namespace, H: Lifecycle<N>>(handler: Arc<H>, socket: Socket<N>) {
    let hook = catch_panic_async(async { handler.connected(socket.clone()).await });
    if let Err(panic) = hook.await {
        tracing::error!(
            namespace = N::PATTERN,
            socket = %socket.id(),
            panic,
            "the `connected` hook panicked; the socket is disconnected"
        );
        if let Err(error) = socket.disconnect() {
            tracing::error!(socket = %socket.id(), %error, "the socket could not be disconnected");
        }
        socket.state.gate.discard();
        return;
    }
    socket
        .state
        .gate
        .open(|value, ack_id| receive(socket.clone(), value, ack_id));
}

type Waiting = Vec<(Value, Option<i64>)>;

/// Holds a socket's events back until its `connected` hook has run.
#[derive(Default)]
pub(crate) struct Gate {
    opened: Flag,
    waiting: Mutex<Waiting>,
}

impl Gate {
    /// How many events may wait; a client that sends more while its `connected` hook runs has them rejected.
    const CAPACITY: usize = 1024;

    /// Gives the event back if it may be dispatched now, otherwise keeps it.
    pub(crate) fn admit<N: Namespace>(
        &self,
        value: Value,
        ack_id: Option<i64>,
        socket: &Socket<N>,
    ) -> Option<(Value, Option<i64>)> {
        if self.is_open() {
            return Some((value, ack_id));
        }
        let mut waiting = self.waiting();
        // It may have been opened since; under the lock it is certain.
        if self.is_open() {
            return Some((value, ack_id));
        }
        if waiting.len() < Self::CAPACITY {
            waiting.push((value, ack_id));
            return None;
        }
        drop(waiting);
        let event = crate::wire::Message::from_event(value);
        let rejected = Rejected {
            event: event.map_or_else(String::new, |message| message.event().to_owned()),
            code: RejectionCode::Overloaded,
            detail: format!("{} events wait for the `connected` hook", Self::CAPACITY),
        };
        socket.state.shared.reject(socket, &rejected);
        None
    }

    /// Dispatches what has waited, in order, until nothing is left; from then on events pass.
    fn open(&self, mut dispatch: impl FnMut(Value, Option<i64>)) {
        loop {
            let batch = {
                let mut waiting = self.waiting();
                if waiting.is_empty() {
                    self.opened.mark();
                    break;
                }
                std::mem::take(&mut *waiting)
            };
            for (value, ack_id) in batch {
                dispatch(value, ack_id);
            }
        }
        self.opened.wake();
    }

    /// Lets go of what waits for a hook that has failed.
    fn discard(&self) {
        let mut waiting = self.waiting();
        *waiting = Waiting::new();
        self.opened.mark();
        drop(waiting);
        self.opened.wake();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.opened.is_set()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Tells the handler that a socket is gone.
struct Disconnect<N: Namespace, H> {
    handler: Arc<H>,
    state: Arc<State<N>>,
}

impl<N: Namespace, H: Lifecycle<N>> DisconnectHandler<Adapter, Typed> for Disconnect<N, H> {
    fn call_with_defer(
        &self,
        raw: Arc<RawSocket>,
        reason: DisconnectReason,
        remove: fn(Arc<RawSocket>),
    ) {
        let handler = self.handler.clone();
        let state = self.state.clone();
        state.keep_rooms(&raw);
        state.expiry.end();
        if let Some(link) = raw.req_parts().extensions.get::<Arc<Link>>() {
            link.remove(raw.ns());
            if is_connection_gone(reason) {
                link.end();
            }
        }
        let farewells = &state.shared.farewells;
        let farewell = farewells.begin(raw.id, raw.ns());
        // Now, and not after the hook: as long as it is there, socketioxide ignores that the client connects again.
        remove(raw.clone());
        let socket = Socket { raw, state };
        let mut goodbye: BoxFuture<()> = Box::pin(async move {
            // A `connected` hook that takes its time comes first.
            socket.state.gate.opened.wait().await;
            let hook = catch_panic_async(async { handler.disconnected(socket, reason).await });
            if let Err(panic) = hook.await {
                tracing::error!(
                    namespace = N::PATTERN,
                    panic,
                    "the `disconnected` hook panicked"
                );
            }
            drop(farewell);
        });
        // It starts at once where it can. When the server disconnects it, the hook may want locks that its caller holds.
        let mut context = std::task::Context::from_waker(Waker::noop());
        let is_server = reason == DisconnectReason::ServerNSDisconnect;
        if is_server || goodbye.as_mut().poll(&mut context).is_pending() {
            spawn(goodbye);
        }
    }
}

/// Whether it is not only a namespace that a client has left.
fn is_connection_gone(reason: DisconnectReason) -> bool {
    !matches!(
        reason,
        DisconnectReason::ClientNSDisconnect | DisconnectReason::ServerNSDisconnect
    )
}
