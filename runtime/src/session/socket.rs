//! One client in one namespace.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::request::Parts;

use super::{
    acknowledgement::PendingAcks,
    backlog::Backlog,
    connect::{NamespaceGuards, Progress},
    disconnect,
    expiry::{Expiry, instant_at, instant_in},
    listeners::{Listeners, MiddlewareError},
    namespace_state::{NamespaceState, Presence},
    pending_events::PendingEvents,
    rates::Rates,
};
use crate::{
    cluster::bus::envelope::names,
    connection::connection::Connection,
    contract::{
        error::TooManyRooms,
        events::EventSet,
        namespace::{IncomingEvent, Namespace, OutgoingEvent},
    },
    protocol::{Room, RoomParam, Sid, TransportType},
    session::backlog::policy::Outbox,
    support::{
        log_limiter::log_limited,
        one_shot::OneShotEvent,
        panic::{Contained, catch_panic},
    },
    upstream::{Adapter, RawSocket, SocketRef},
    wire::{arguments::Arguments, message::Message},
};

/// A client connected to namespace `N`, cheap to clone and to keep.
///
/// The counterpart of Node's [`Socket`](https://socket.io/docs/v4/server-socket-instance/). What it does not wrap is
/// reached through [`raw`](Self::raw).
pub struct Socket<N: Namespace> {
    pub(crate) raw: Arc<RawSocket>,
    pub(crate) state: Arc<State<N>>,
}

/// What a socket carries.
pub(crate) struct State<N: Namespace> {
    /// Weak, for the raw socket holds this state.
    pub(crate) raw: Weak<RawSocket>,
    pub(crate) namespace: Contained<N>,
    pub(crate) data: Contained<N::SocketData>,
    pub(crate) shared: Arc<NamespaceState<N>>,
    /// `true` if the parser writes JSON.
    pub(crate) is_json: bool,
    pub(crate) pending_events: PendingEvents,
    /// Set when the client has left the namespace.
    pub(crate) closed: OneShotEvent,
    /// `true` from the moment in which the server has disconnected the socket.
    pub(crate) is_disconnected: AtomicBool,
    /// `true` once the `disconnected` hook has been started.
    pub(crate) has_left: AtomicBool,
    /// Decides if its hooks run.
    pub(crate) progress: Progress,
    /// What the socket takes up until it has left.
    pub(crate) guards: Mutex<Option<NamespaceGuards>>,
    /// The rooms that it was in when it was disconnected.
    pub(crate) rooms_left: OnceLock<Vec<Room>>,
    pub(crate) listeners: Contained<Listeners<N>>,
    pub(crate) expiry: Expiry,
    /// What waits for room in the send buffer.
    pub(crate) backlog: OnceLock<Arc<Backlog>>,
    /// Its connection, unless it came another way than by the layer.
    pub(crate) connection: Option<Arc<Connection>>,
    /// How often it may send events, if that is limited.
    pub(crate) rates: Option<Box<Rates>>,
    pub(crate) pending_acks: PendingAcks,
    /// At most so many rooms it has joined by itself.
    pub(crate) joined: AtomicUsize,
    /// Counts it among the sockets of the namespace.
    pub(crate) presence: Presence,
}

impl<N: Namespace> State<N> {
    pub(crate) fn outbox(&self) -> Outbox<'_> {
        Outbox {
            backlog: &self.backlog,
            overflow: &self.shared.overflow,
            connection: self.connection.as_ref(),
        }
    }

    /// `true` if the server has disconnected the socket, so that none of its events is handled any more.
    pub(crate) fn is_disconnected(&self) -> bool {
        self.is_disconnected.load(Ordering::Acquire)
    }

    /// Notes the rooms of a socket that is about to leave them.
    pub(crate) fn keep_rooms(&self, raw: &RawSocket) {
        // It is disconnected once.
        let _ = self.rooms_left.set(raw.rooms());
    }
}

impl<N: Namespace> Drop for State<N> {
    fn drop(&mut self) {
        self.shared.remove_socket(self);
        self.shared
            .remove_outgoing_listeners(self.listeners.outgoing.len());
    }
}

impl<N: Namespace> Clone for Socket<N> {
    fn clone(&self) -> Self {
        Self {
            raw: self.raw.clone(),
            state: self.state.clone(),
        }
    }
}

impl<N: Namespace> fmt::Debug for Socket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("id", &self.id())
            .field("namespace", &self.raw.ns())
            .finish_non_exhaustive()
    }
}

impl<N: Namespace> Socket<N> {
    /// The typed view of a socket, if it was connected through [`mount`](SocketIo::mount).
    pub(crate) fn from_raw(socket: SocketRef<Adapter>) -> Option<Self> {
        let state = socket.extensions.get::<Arc<State<N>>>()?;
        let raw = state.raw.upgrade()?;
        Some(Self { raw, state })
    }

    /// The socket's id, new with every connection.
    pub fn id(&self) -> Sid {
        self.raw.id
    }

    /// What [`authenticate`](crate::Lifecycle::authenticate) returned for this socket.
    pub fn data(&self) -> &N::SocketData {
        &self.state.data
    }

    /// The namespace, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        &self.state.namespace
    }

    /// The head of the connection's first request.
    pub fn request_parts(&self) -> &Parts {
        self.raw.req_parts()
    }

    /// Polling or WebSocket, as of now.
    pub fn transport(&self) -> TransportType {
        match &self.state.connection {
            Some(connection) => connection.transport(),
            None => self.raw.transport_type(),
        }
    }

    /// `true` if the client is still connected to the namespace.
    pub fn connected(&self) -> bool {
        !self.state.is_disconnected() && self.raw.connected()
    }

    /// Completes when the client has left the namespace, for whatever reason.
    ///
    /// A handler goes on when its client is gone, for what it does may matter to others. One that works for its client
    /// alone can end with it:
    ///
    /// ```
    /// # use sio_types::{Namespace, Socket};
    /// # async fn render() -> String { String::new() }
    /// # async fn preview<N: Namespace>(socket: Socket<N>) -> Option<String> {
    /// tokio::select! {
    ///     page = render() => Some(page),
    ///     () = socket.closed() => None,
    /// }
    /// # }
    /// ```
    pub async fn closed(&self) {
        self.state.closed.wait().await;
    }

    /// Joins rooms; nothing happens if the client is not connected any more.
    ///
    /// If they are more than [`Limits::rooms`](crate::Limits::rooms) allows, it joins none of them, and a warning is
    /// logged; [`try_join`](Self::try_join) lets one know.
    pub fn join(&self, rooms: impl RoomParam) {
        if let Err(error) = self.try_join(rooms) {
            let log_limiter = &self.state.shared.log_limiter;
            let namespace = N::PATTERN;
            log_limited!(log_limiter.next(), warn, { namespace, socket = %self.id(), %error }, "rooms were not joined");
        }
    }

    /// Joins rooms; nothing happens if the client is not connected any more.
    ///
    /// # Errors
    /// [`TooManyRooms`] if they are more than [`Limits::rooms`](crate::Limits::rooms) allows; it joins none of them then.
    pub fn try_join(&self, rooms: impl RoomParam) -> Result<(), TooManyRooms> {
        if !self.connected() {
            return Ok(());
        }
        let rooms = names(rooms);
        let limit = self.state.shared.limits.rooms;
        let joined = self.state.joined.fetch_add(rooms.len(), Ordering::Relaxed) + rooms.len();
        if joined > limit {
            // Some of them it may have been in already, or have left since.
            let mut all: HashSet<_> = self.raw.rooms().into_iter().collect();
            let own = usize::from(all.contains(self.id().as_str()));
            let before = all.len() - own;
            all.extend(rooms.iter().cloned().map(Room::from));
            let after = all.len() - own;
            let is_allowed = after <= limit || after == before;
            let count = if is_allowed { after } else { before };
            self.state.joined.store(count, Ordering::Relaxed);
            if !is_allowed {
                return Err(TooManyRooms { limit });
            }
        }
        self.raw.join(rooms.clone());
        // It may have been disconnected meanwhile, and out of all rooms before it joined these.
        if !self.connected() {
            self.raw.leave(rooms);
        }
        Ok(())
    }

    /// Leaves rooms; nothing happens if the client is not connected any more.
    pub fn leave(&self, rooms: impl RoomParam) {
        // The client may be back with the same id, and in the same rooms.
        if self.connected() {
            self.raw.leave(rooms);
        }
    }

    /// Leaves all rooms; nothing happens if the client is not connected any more.
    pub fn leave_all(&self) {
        if self.connected() {
            self.raw.leave_all();
        }
    }

    /// The rooms that it has joined; those that it was in last, if the client is not connected any more.
    pub fn rooms(&self) -> Vec<Room> {
        match self.state.rooms_left.get() {
            Some(rooms) => rooms.clone(),
            None => self.raw.rooms(),
        }
    }

    /// Disconnects the client from the namespace.
    ///
    /// This always succeeds. Once it returns, no event of this client reaches a handler, not even one that the server
    /// has received before and that waits for the `connected` hook or for middleware. Handlers that run already are not
    /// aborted. Nothing happens if the client is not connected any more.
    ///
    /// The client's connection and its other namespaces stay, unless its send buffer has no room for the packet that
    /// tells it: the server closes the connection then.
    ///
    /// Events that wait for room in the send buffer ([`OverflowPolicy::Wait`](crate::OverflowPolicy::Wait)) do not reach the client
    /// any more, unlike in Node. Use an acknowledgement where the client has to read its last events.
    pub fn disconnect(&self) {
        disconnect::disconnect(self);
    }

    /// Disconnects the client from the namespace at this time, unless the time is set anew before: what a token says of
    /// itself, as in a JWT's [`exp`](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4):
    /// `UNIX_EPOCH + Duration::from_secs(exp)`.
    ///
    /// First [`Lifecycle::expired`](crate::Lifecycle::expired) runs, which may tell the client; then the client sees a
    /// `disconnect` with the reason `io server disconnect`, after which it does not come back by itself. To set the time
    /// in [`authenticate`](crate::Lifecycle::authenticate), there is [`Handshake::expires_at`](crate::Handshake::expires_at).
    ///
    /// The time that is left is taken from the clock now. Nothing happens if the client is not connected any more.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn expires_at(&self, time: SystemTime) {
        self.set_expiry(Some(instant_at(time)));
    }

    /// The same after some time from now.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn expires_in(&self, time: Duration) {
        self.set_expiry(Some(instant_in(time)));
    }

    /// The client may stay for as long as it likes, as any may unless told otherwise.
    pub fn never_expires(&self) {
        self.set_expiry(None);
    }

    fn set_expiry(&self, deadline: Option<tokio::time::Instant>) {
        if self.connected() {
            Expiry::set(&self.state, deadline);
        }
    }

    /// Is called with every event that this client sends and that can be decoded, before its handler
    /// ([`onAny`](https://socket.io/docs/v4/server-socket-instance/#socketonanycallback)).
    pub fn on_any(&self, listener: impl Fn(&IncomingEvent<N>) + Send + Sync + 'static) {
        self.state.listeners.incoming.add(Arc::new(listener));
    }

    /// Is called with every event that is sent to this client, broadcasts from this server included
    /// ([`onAnyOutgoing`](https://socket.io/docs/v4/server-socket-instance/#socketonanyoutgoingcallback)).
    pub fn on_any_outgoing(&self, listener: impl Fn(&OutgoingEvent<N>) + Send + Sync + 'static) {
        self.state.shared.add_outgoing_listener();
        self.state.listeners.outgoing.add(Arc::new(listener));
    }

    /// Runs before the handler of every event from this client, in the order of registration; an error keeps the
    /// event from the handler ([`socket.use`](https://socket.io/docs/v4/server-socket-instance/#socketusefn)).
    ///
    /// The client is told where the acknowledgement is fallible: `{"status": "rejected"}` with the refusal's text.
    pub fn use_middleware<F, R>(&self, middleware: F)
    where
        F: Fn(Arc<IncomingEvent<N>>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), MiddlewareError>> + Send + 'static,
    {
        self.state
            .listeners
            .middleware
            .add(Arc::new(move |event| Box::pin(middleware(event))));
    }

    /// socketioxide's own socket, for what is not wrapped here.
    ///
    /// Its `on_fallback` and `on_disconnect` are in use: replaced, the typed handlers are gone.
    pub fn raw(&self) -> SocketRef<Adapter> {
        self.raw.clone().into()
    }

    /// Tells the listeners of an incoming event.
    pub(crate) fn notify_incoming(&self, message: &Message) {
        let Some(listeners) = self.state.listeners.incoming.get() else {
            return;
        };
        // What cannot be decoded is not lost: dispatch rejects it.
        let Ok(Some(event)) = N::ClientToServer::decode(message) else {
            return;
        };
        for listener in listeners {
            if let Err(panic) = catch_panic(|| listener(&event)) {
                let log_limiter = &self.state.shared.log_limiter;
                log_limited!(log_limiter.next(), error, { namespace = N::PATTERN, panic }, "an `on_any` listener panicked");
            }
        }
    }

    /// Tells the listeners of an outgoing event.
    pub(crate) fn notify_outgoing(&self, event: &'static str, arguments: &dyn Arguments) {
        let Some(listeners) = self.state.listeners.outgoing.get() else {
            return;
        };
        // What cannot be encoded is reported by the emit itself.
        let Ok(message) = Message::from_outgoing(event, arguments) else {
            return;
        };
        match N::ServerToClient::decode(&message) {
            Ok(Some(event)) => {
                for listener in listeners {
                    if let Err(panic) = catch_panic(|| listener(&event)) {
                        tracing::error!(
                            namespace = N::PATTERN,
                            panic,
                            "an `on_any_outgoing` listener panicked"
                        );
                    }
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(
                namespace = N::PATTERN,
                event,
                %error,
                "an `on_any_outgoing` listener cannot be told of an event that does not decode"
            ),
        }
    }
}
