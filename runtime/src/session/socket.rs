//! Client in one namespace.

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
    expiry::Expiry,
    listeners::{Listeners, MiddlewareError},
    namespace_state::{CountState, NamespaceState},
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
        deadline::{instant_at, instant_in},
        log_limiter::log_limited,
        one_shot::OneShotEvent,
        panic::{Contained, catch_panic},
    },
    upstream::{Adapter, RawSocket, SocketRef},
    wire::{arguments::Arguments, message::Message},
};

/// Client connected to namespace `N`; cheap to clone and to store.
///
/// This is the counterpart of Node's [`Socket`](https://socket.io/docs/v4/server-socket-instance/). Handlers and
/// [lifecycle hooks](crate::Lifecycle) receive it. Use [`raw`](Self::raw) for features that it does not wrap.
///
/// ```
/// use sio_types::prelude::*;
///
/// #[events]
/// trait ServerToClient {
///     fn message(author: String, text: String);
/// }
///
/// #[events]
/// trait ClientToServer {
///     fn enter(room: String);
/// }
///
/// #[derive(Events)]
/// #[events(
///     namespace = "/chat",
///     server_to_client = ServerToClient,
///     client_to_server = ClientToServer,
///     socket_data = String,
/// )]
/// struct Chat;
///
/// struct ChatServer;
///
/// impl ClientToServer<Socket<Chat>> for ChatServer {
///     async fn enter(&self, socket: Socket<Chat>, room: String) {
///         socket.join(room.clone());
///         // To this client.
///         socket.emit().message("server", "welcome").ok();
///         // To the other clients in the room, on all servers.
///         socket.to(room).emit().message(socket.data(), "hello").await.ok();
///     }
/// }
/// ```
///
/// See also the guides to [rooms and broadcasting](crate::guide::rooms) and to the
/// [state of a socket](crate::guide::socket_state).
pub struct Socket<N: Namespace> {
    pub(crate) raw: Arc<RawSocket>,
    pub(crate) state: Arc<State<N>>,
}

/// State shared by all clones of a socket.
pub(crate) struct State<N: Namespace> {
    /// Weak, because the raw socket holds this state.
    pub(crate) raw: Weak<RawSocket>,
    pub(crate) namespace: Contained<N>,
    pub(crate) data: Contained<N::SocketData>,
    pub(crate) shared: Arc<NamespaceState<N>>,
    /// `true` if the parser writes JSON.
    pub(crate) is_json: bool,
    pub(crate) pending_events: PendingEvents,
    /// Set when the client has left the namespace.
    pub(crate) closed: OneShotEvent,
    /// `true` once the server has disconnected the socket.
    pub(crate) is_disconnected: AtomicBool,
    /// `true` once the `disconnected` hook has been started.
    pub(crate) has_left: AtomicBool,
    /// Connection progress, which decides if the hooks run.
    pub(crate) progress: Progress,
    /// Permits that the socket holds until it has left.
    pub(crate) guards: Mutex<Option<NamespaceGuards>>,
    /// Rooms that the socket was in when it was disconnected.
    pub(crate) rooms_left: OnceLock<Vec<Room>>,
    pub(crate) listeners: Contained<Listeners<N>>,
    pub(crate) expiry: Expiry,
    /// Packets that wait for room in the send buffer.
    pub(crate) backlog: OnceLock<Arc<Backlog>>,
    /// Connection that the socket shares with the client's sockets in other namespaces.
    pub(crate) connection: Arc<Connection>,
    /// Rate limits of the socket's events, if any.
    pub(crate) rates: Option<Box<Rates>>,
    pub(crate) pending_acks: PendingAcks,
    /// Upper bound for the number of rooms that [`Socket::try_join`] has joined.
    pub(crate) joined: AtomicUsize,
    /// Entry in the namespace's connection count.
    pub(crate) count_state: CountState,
}

impl<N: Namespace> State<N> {
    pub(crate) fn outbox(&self) -> Outbox<'_> {
        Outbox {
            backlog: &self.backlog,
            overflow: &self.shared.overflow,
            connection: &self.connection,
        }
    }

    /// Returns `true` if the server has disconnected the socket, so that no more of its events are handled.
    pub(crate) fn is_disconnected(&self) -> bool {
        self.is_disconnected.load(Ordering::Acquire)
    }

    /// Records the rooms of a socket that is about to leave them.
    pub(crate) fn keep_rooms(&self, raw: &RawSocket) {
        // Fails only if the rooms are recorded already, because a socket is disconnected once.
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
    /// Returns the typed view of a socket, if it was connected through [`mount`](SocketIo::mount).
    pub(crate) fn from_raw(socket: SocketRef<Adapter>) -> Option<Self> {
        let state = socket.extensions.get::<Arc<State<N>>>()?;
        let raw = state.raw.upgrade()?;
        Some(Self { raw, state })
    }

    /// Returns the [id](https://socket.io/docs/v4/server-api/#socketid) of the socket's connection. A client that
    /// reconnects has another id. The id is also the name of a room that the socket is in.
    pub fn id(&self) -> Sid {
        self.raw.id
    }

    /// Returns the data that [`authenticate`](crate::Lifecycle::authenticate) returned for this socket
    /// ([`data`](https://socket.io/docs/v4/server-api/#socketdata)).
    pub fn data(&self) -> &N::SocketData {
        &self.state.data
    }

    /// Returns the namespace, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        &self.state.namespace
    }

    /// Returns the head of the connection's first request: its URI, headers and extensions
    /// ([`handshake`](https://socket.io/docs/v4/server-api/#sockethandshake)).
    pub fn request_parts(&self) -> &Parts {
        self.raw.req_parts()
    }

    /// Returns the current transport: polling or WebSocket.
    pub fn transport(&self) -> TransportType {
        self.state.connection.transport()
    }

    /// Returns `true` if the client is still connected to the namespace.
    pub fn connected(&self) -> bool {
        !self.state.is_disconnected() && self.raw.connected()
    }

    /// Completes when the client has left the namespace, for any reason.
    ///
    /// A handler continues after its client has disconnected, because its work may matter to others. A handler that
    /// works only for its client can end with it:
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

    /// Joins the given rooms ([`join`](https://socket.io/docs/v4/server-api/#socketjoinroom)). Does nothing if the
    /// client is no longer connected.
    ///
    /// ```
    /// # use sio_types::{Namespace, Socket};
    /// # fn enter<N: Namespace>(socket: Socket<N>, id: u32) {
    /// socket.join("lobby");
    /// socket.join(["news", "offers"]);
    /// socket.join(format!("room:{id}"));
    /// # }
    /// ```
    ///
    /// If the socket would exceed [`Limits::rooms`](crate::Limits::rooms), it joins none of the rooms and logs a
    /// warning. Use [`try_join`](Self::try_join) to handle the error instead.
    pub fn join(&self, rooms: impl RoomParam) {
        if let Err(error) = self.try_join(rooms) {
            let log_limiter = &self.state.shared.log_limiter;
            let namespace = N::PATTERN;
            log_limited!(log_limiter.next(), warn, { namespace, socket = %self.id(), %error }, "rooms not joined");
        }
    }

    /// Joins the given rooms. Does nothing if the client is no longer connected.
    ///
    /// # Errors
    ///
    /// Returns [`TooManyRooms`] if the socket would exceed [`Limits::rooms`](crate::Limits::rooms). It then joins none
    /// of the rooms.
    ///
    /// ```
    /// # use sio_types::{Namespace, Socket};
    /// # fn enter<N: Namespace>(socket: Socket<N>, room: String) -> Result<(), String> {
    /// let joined = socket.try_join(format!("room:{room}"));
    /// joined.map_err(|error| format!("at most {} rooms", error.limit))
    /// # }
    /// ```
    pub fn try_join(&self, rooms: impl RoomParam) -> Result<(), TooManyRooms> {
        if !self.connected() {
            return Ok(());
        }
        let rooms = names(rooms);
        let limit = self.state.shared.limits.rooms;
        let joined = self.state.joined.fetch_add(rooms.len(), Ordering::Relaxed) + rooms.len();
        if joined > limit {
            // The bound counts too many: the socket may have joined some of these rooms before, or have left others.
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
        // The socket may have been disconnected, and removed from all rooms, before it joined these.
        if !self.connected() {
            self.raw.leave(rooms);
        }
        Ok(())
    }

    /// Leaves the given rooms ([`leave`](https://socket.io/docs/v4/server-api/#socketleaveroom)). Does nothing if the
    /// client is no longer connected.
    pub fn leave(&self, rooms: impl RoomParam) {
        // The client may have reconnected with the same id, and be in the same rooms.
        if self.connected() {
            self.raw.leave(rooms);
        }
    }

    /// Leaves all rooms, including the one of its own id. Does nothing if the client is no longer connected.
    pub fn leave_all(&self) {
        if self.connected() {
            self.raw.leave_all();
        }
    }

    /// Returns the [rooms](https://socket.io/docs/v4/server-api/#socketrooms) of the socket, including the one of its
    /// own id. Returns its last rooms if the client is no longer connected.
    pub fn rooms(&self) -> Vec<Room> {
        match self.state.rooms_left.get() {
            Some(rooms) => rooms.clone(),
            None => self.raw.rooms(),
        }
    }

    /// Disconnects the client from the namespace
    /// ([`disconnect`](https://socket.io/docs/v4/server-api/#socketdisconnectclose)).
    ///
    /// This always succeeds. Once it returns, no further event of this client reaches a handler. This includes events
    /// that the server has already received and that wait for the `connected` hook or for middleware. Running handlers
    /// are not aborted. Nothing happens if the client is no longer connected.
    ///
    /// The client's connection and its other namespaces stay, unless the send buffer has no room for the `disconnect`
    /// packet. In that case, the server closes the connection.
    ///
    /// Unlike in Node, events that wait for room in the send buffer
    /// ([`OverflowPolicy::Wait`](crate::OverflowPolicy::Wait)) no longer reach the client. Use an acknowledgement if
    /// the client has to read its last events.
    pub fn disconnect(&self) {
        disconnect::disconnect(self);
    }

    /// Disconnects the client from the namespace at `time`, unless a later call changes the time. For a JWT, pass its
    /// [`exp`](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4) claim: `UNIX_EPOCH + Duration::from_secs(exp)`.
    ///
    /// First, [`Lifecycle::expired`](crate::Lifecycle::expired) runs, which can notify the client. Then the client sees
    /// a `disconnect` with the reason `io server disconnect`, after which it does not reconnect automatically. To set
    /// the time in [`authenticate`](crate::Lifecycle::authenticate), use
    /// [`Handshake::expires_at`](crate::Handshake::expires_at).
    ///
    /// The remaining time is computed from the clock at the time of the call. Nothing happens if the client is no
    /// longer connected.
    ///
    /// ```
    /// # use sio_types::{Namespace, Socket};
    /// # fn renew<N: Namespace>(socket: Socket<N>, exp: u64) {
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// socket.expires_at(UNIX_EPOCH + Duration::from_secs(exp));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if called outside of a tokio runtime.
    pub fn expires_at(&self, time: SystemTime) {
        self.set_expiry(Some(instant_at(time)));
    }

    /// Disconnects the client from the namespace after `time` from now, like [`expires_at`](Self::expires_at).
    ///
    /// # Panics
    ///
    /// Panics if called outside of a tokio runtime.
    pub fn expires_in(&self, time: Duration) {
        self.set_expiry(Some(instant_in(time)));
    }

    /// Removes the expiry time of the session. Sessions do not expire unless a time is set.
    pub fn never_expires(&self) {
        self.set_expiry(None);
    }

    fn set_expiry(&self, deadline: Option<tokio::time::Instant>) {
        if self.connected() {
            Expiry::set(&self.state, deadline);
        }
    }

    /// Registers a listener for every event that this client sends; it runs before the handler
    /// ([`onAny`](https://socket.io/docs/v4/server-api/#socketonanycallback)).
    ///
    /// The listener does not receive events that cannot be decoded, or that exceed a rate limit.
    ///
    /// ```
    /// # use sio_types::prelude::*;
    /// # #[events]
    /// # trait ClientToServer {
    /// #     fn post(text: String);
    /// #     fn leave();
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", client_to_server = ClientToServer)]
    /// # struct Chat;
    /// # fn log(socket: Socket<Chat>) {
    /// socket.on_any(|event| match event {
    ///     ClientToServerEvent::Post { text } => println!("post: {text}"),
    ///     ClientToServerEvent::Leave => println!("leave"),
    /// });
    /// # }
    /// ```
    pub fn on_any(&self, listener: impl Fn(&IncomingEvent<N>) + Send + Sync + 'static) {
        self.state.listeners.incoming.add(Arc::new(listener));
    }

    /// Registers a listener for every event sent to this client, including broadcasts from this server
    /// ([`onAnyOutgoing`](https://socket.io/docs/v4/server-api/#socketonanyoutgoingcallback)).
    pub fn on_any_outgoing(&self, listener: impl Fn(&OutgoingEvent<N>) + Send + Sync + 'static) {
        self.state.shared.add_outgoing_listener();
        self.state.listeners.outgoing.add(Arc::new(listener));
    }

    /// Registers middleware that runs before the handler of every event from this client, in the order of registration
    /// ([`use`](https://socket.io/docs/v4/server-api/#socketusefn)).
    ///
    /// If it returns an error, the handler does not receive the event. If the event's acknowledgement is fallible, the
    /// client receives `{"status": "rejected"}` with the message of the error.
    ///
    /// ```
    /// # use sio_types::prelude::*;
    /// # #[events]
    /// # trait ClientToServer {
    /// #     fn post(text: String) -> Result<(), String>;
    /// #     fn delete(id: u32) -> Result<(), String>;
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", client_to_server = ClientToServer)]
    /// # struct Chat;
    /// # fn protect(socket: Socket<Chat>) {
    /// socket.use_middleware(|event| async move {
    ///     match &*event {
    ///         ClientToServerEvent::Delete { .. } => Err("read-only".into()),
    ///         _ => Ok(()),
    ///     }
    /// });
    /// # }
    /// ```
    ///
    /// See also the guide to [middleware](crate::guide::middleware).
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

    /// Returns socketioxide's own socket, for features that this crate does not wrap.
    ///
    /// Do not replace its `on_fallback` and `on_disconnect` handlers: the typed handlers depend on them.
    pub fn raw(&self) -> SocketRef<Adapter> {
        self.raw.clone().into()
    }

    /// Calls the `on_any` listeners.
    pub(crate) fn notify_incoming(&self, message: &Message) {
        let Some(listeners) = self.state.listeners.incoming.get() else {
            return;
        };
        // Dispatch rejects an event that cannot be decoded.
        let Ok(Some(event)) = N::ClientToServer::decode(message) else {
            return;
        };
        for listener in listeners {
            if let Err(panic) = catch_panic(|| listener(&event)) {
                let log_limiter = &self.state.shared.log_limiter;
                log_limited!(log_limiter.next(), error, { namespace = N::PATTERN, panic }, "`on_any` listener panicked");
            }
        }
    }

    /// Calls the `on_any_outgoing` listeners.
    pub(crate) fn notify_outgoing(&self, event: &'static str, arguments: &dyn Arguments) {
        let Some(listeners) = self.state.listeners.outgoing.get() else {
            return;
        };
        // The emit itself reports an event that cannot be encoded.
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
                            "`on_any_outgoing` listener panicked"
                        );
                    }
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(
                namespace = N::PATTERN,
                event,
                %error,
                "`on_any_outgoing` listeners skipped: failed to decode the event"
            ),
        }
    }
}
