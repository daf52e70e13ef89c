//! Operations on sets of sockets.

use std::{future::Future, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;

use super::{
    emit::{BroadcastTarget, EmitFuture},
    remote::RemoteSocket,
    servers::Servers,
};
use crate::{
    cluster::{
        bus::{
            Bus,
            envelope::{Action, Body, Selection, names},
        },
        event::Outcome,
        question::Question,
    },
    contract::{
        error::{DisconnectError, EmitError},
        namespace::{EventEmitter, Namespace},
        path,
    },
    protocol::{Room, RoomParam, Sid},
    session::{
        acknowledgement::{AckObserver, Answers, RawAnswers, of_adapter, of_others},
        disconnect::disconnect_raw,
        namespace_state::NamespaceState,
        socket::Socket,
    },
    upstream::{BroadcastError, EmitWithAckError, Operators, RawIo},
    wire::arguments::{Arguments, Outgoing},
};

/// Set of sockets of namespace `N`: all of them at first, narrowed by rooms.
///
/// The operators correspond to those of [Socket.IO's server](https://socket.io/docs/v4/server-api/#servertoroom).
/// Nothing happens until you call [`emit`](Self::emit) or another action.
pub struct Broadcast<N: Namespace> {
    /// One target per namespace on this server: none before the namespace exists, several for the children of a dynamic
    /// namespace.
    targets: Vec<Operators>,
    /// Description of the sockets for other servers, used where `targets` does not reach them.
    scope: Scope,
    shared: Option<Arc<NamespaceState<N>>>,
    bus: Option<Arc<Bus>>,
    /// `true` if this process is not a server, so that all sockets are remote.
    is_outside: bool,
    namespace: PhantomData<fn() -> N>,
}

/// Description of the selected sockets that can be sent to other servers.
#[derive(Clone)]
struct Scope {
    /// Path of the namespace, or the pattern for all children of a dynamic one.
    path: String,
    selection: Selection,
    /// `true` if the broadcast was narrowed to an empty list of rooms.
    is_nobody: bool,
    is_local: bool,
    is_volatile: bool,
    timeout: Option<Duration>,
}

impl<N: Namespace> Broadcast<N> {
    pub(crate) fn new(
        targets: Vec<Operators>,
        path: impl Into<String>,
        shared: Option<Arc<NamespaceState<N>>>,
        bus: Option<Arc<Bus>>,
    ) -> Self {
        Self {
            targets,
            scope: Scope {
                path: path.into(),
                selection: Selection::default(),
                is_nobody: false,
                is_local: false,
                is_volatile: false,
                timeout: None,
            },
            shared,
            bus,
            is_outside: false,
            namespace: PhantomData,
        }
    }

    /// Selects the sockets of a cluster from a process that is not one of its servers.
    pub(crate) fn from_outside(path: impl Into<String>, bus: Arc<Bus>) -> Self {
        Self {
            is_outside: true,
            ..Self::new(Vec::new(), path, None, Some(bus))
        }
    }

    /// Records the selection that the targets were created with.
    pub(crate) fn selecting(mut self, selection: Selection) -> Self {
        self.scope.selection = selection;
        self
    }

    /// Selects nobody if the list of rooms is empty; the engine would select everybody.
    pub(crate) fn narrowed(mut self) -> Self {
        self.scope.is_nobody = self.scope.selection.rooms.is_empty();
        self
    }

    fn map(mut self, operator: impl Fn(Operators) -> Operators) -> Self {
        self.targets = self.targets.into_iter().map(operator).collect();
        self
    }

    /// Selects only sockets in at least one of the rooms of all `to` and `within` calls. Without any room, that is
    /// nobody. A broadcast from a socket excludes that socket. Every socket is in a room named by its own
    /// [`id`](Socket::id).
    #[must_use]
    pub fn to(mut self, rooms: impl RoomParam) -> Self {
        let rooms = names(rooms);
        self.scope.selection.rooms.extend_from_slice(&rooms);
        self.narrowed().map(|operators| operators.to(rooms.clone()))
    }

    /// Narrows like [`to`](Self::to), except that a broadcast from a socket includes that socket.
    #[must_use]
    pub fn within(mut self, rooms: impl RoomParam) -> Self {
        let rooms = names(rooms);
        self.scope.selection.rooms.extend_from_slice(&rooms);
        self.narrowed()
            .map(|operators| operators.within(rooms.clone()))
    }

    /// Selects the sockets in one room; an alias of [`within`](Self::within) that reads well before
    /// [`members`](Self::members).
    #[must_use]
    pub fn room(self, room: impl Into<Room>) -> Self {
        self.within(room.into())
    }

    /// Excludes the sockets in any of these rooms.
    #[must_use]
    pub fn except(mut self, rooms: impl RoomParam) -> Self {
        let rooms = names(rooms);
        self.scope.selection.except.extend_from_slice(&rooms);
        self.map(|operators| operators.except(rooms.clone()))
    }

    /// Selects only sockets of this server.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.scope.is_local = true;
        self.map(Operators::local)
    }

    /// Makes the event [volatile](https://socket.io/docs/v4/emitting-events/#volatile-events): it may be dropped for
    /// clients that are not ready.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.scope.is_volatile = true;
        self.map(Operators::volatile)
    }

    /// Sets how long to wait for acknowledgements, and for other servers to [`disconnect`](Self::disconnect) their
    /// sockets.
    ///
    /// Acknowledgements have [`ack_timeout`](crate::Builder::ack_timeout) by default, or
    /// [`request_timeout`](crate::Cluster::request_timeout) if only other servers have the namespace.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.scope.timeout = Some(timeout);
        self.map(|operators| operators.timeout(timeout))
    }

    /// Returns an emitter with one method per event.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> EventEmitter<N, BroadcastTarget<N>> {
        BroadcastTarget(self).into()
    }

    /// Makes the sockets join the given rooms.
    pub fn join(self, rooms: impl RoomParam) -> EmitFuture<'static, ()> {
        let rooms = names(rooms);
        Box::pin(async move {
            let relay = self.relay().map(|bus| (bus, Action::Join(rooms.clone())));
            for target in self.reached(relay).await? {
                target
                    .join(rooms.clone())
                    .await
                    .map_err(EmitError::engine)?;
            }
            Ok(())
        })
    }

    /// Makes the sockets leave the given rooms.
    pub fn leave(self, rooms: impl RoomParam) -> EmitFuture<'static, ()> {
        let rooms = names(rooms);
        Box::pin(async move {
            let relay = self.relay().map(|bus| (bus, Action::Leave(rooms.clone())));
            for target in self.reached(relay).await? {
                target
                    .leave(rooms.clone())
                    .await
                    .map_err(EmitError::engine)?;
            }
            Ok(())
        })
    }

    /// Disconnects the sockets from the namespace, on all servers of the cluster
    /// ([`disconnectSockets`](https://socket.io/docs/v4/server-api/#serverdisconnectsocketsclose)).
    ///
    /// The sockets of this server are always disconnected, as by [`Socket::disconnect`]. `Ok` means that every other
    /// server has done the same with its own sockets: from then on, none of their handlers receives an event of these
    /// sockets. A server that has been silent for so long that it counts as gone
    /// ([`heartbeat`](crate::Cluster::heartbeat)) is not asked.
    ///
    /// The other servers have the [`timeout`](Self::timeout) of this broadcast, or the
    /// [`request_timeout`](crate::Cluster::request_timeout). Events that were sent to the sockets earlier arrive first.
    ///
    /// # Errors
    /// [`DisconnectError`] with the servers that did not confirm in time. The other servers have disconnected their
    /// sockets.
    pub async fn disconnect(self) -> Result<(), DisconnectError> {
        self.disconnect_here();
        let is_here = self.scope.is_local || self.scope.is_nobody;
        let Some(bus) = self.bus.clone().filter(|bus| bus.is_remote() && !is_here) else {
            return Ok(());
        };
        let Scope {
            path,
            selection,
            timeout,
            ..
        } = self.scope.clone();
        // If the bus carries the events too, they are in order already.
        if self.relay().is_none() {
            let targets = self.reachable().into_iter();
            bus.flush(join_all(
                targets.map(|target| async move { target.rooms().await.is_ok() }),
            ))
            .await;
        }
        bus.disconnect(path, selection, timeout).await
    }

    fn disconnect_here(&self) {
        let targets = self.clone().reachable().into_iter();
        for raw in targets.flat_map(Operators::sockets) {
            match Socket::<N>::from_raw(raw.clone()) {
                Some(socket) => socket.disconnect(),
                // A socket of a namespace that was created through `raw` alone.
                None => {
                    disconnect_raw(&raw);
                }
            }
        }
    }

    /// Returns the rooms that the sockets are in, including the rooms of their own ids.
    pub async fn rooms(self) -> Result<Vec<Room>, EmitError> {
        let mut rooms = Vec::new();
        if self.relay().is_some() {
            for socket in self.fetch_sockets().await? {
                rooms.extend(socket.rooms().iter().cloned().map(Room::from));
            }
        } else {
            for target in self.checked()? {
                rooms.extend(target.rooms().await.map_err(EmitError::engine)?);
            }
        }
        rooms.sort();
        rooms.dedup();
        Ok(rooms)
    }

    /// Returns the sockets of this server.
    pub fn sockets(self) -> Vec<Socket<N>> {
        self.reachable()
            .into_iter()
            .flat_map(Operators::sockets)
            .filter_map(Socket::from_raw)
            .filter(Socket::connected)
            .collect()
    }

    /// Returns the sockets of all servers, with their typed data
    /// ([`fetchSockets`](https://socket.io/docs/v4/server-api/#serverfetchsockets)).
    ///
    /// The result does not contain the sockets of a server that does not answer in time, because it is dead or cut off.
    /// Such a server is not asked again until it sends a message.
    pub async fn fetch_sockets(self) -> Result<Vec<RemoteSocket<N>>, EmitError> {
        let here = self.clone().checked_sockets()?;
        let mut found: Vec<_> = here
            .into_iter()
            .filter_map(|socket| RemoteSocket::here(socket, self.bus.clone()?))
            .collect();
        let Some(bus) = &self.bus else {
            return Ok(found);
        };
        for (server, answer) in self.ask_others(false).await {
            let descriptions: Vec<Bytes> = match rmp_serde::from_slice(&answer) {
                Ok(descriptions) => descriptions,
                Err(error) => {
                    tracing::warn!(%server, %error, "the sockets of another server could not be read");
                    continue;
                }
            };
            for description in descriptions {
                match RemoteSocket::elsewhere(server, &description, bus.clone()) {
                    Ok(socket) => found.push(socket),
                    Err(error) => {
                        tracing::warn!(%server, %error, "a socket of another server could not be read");
                    }
                }
            }
        }
        Ok(found)
    }

    /// Returns the sockets of all servers, like [`fetch_sockets`](Self::fetch_sockets), as in
    /// `io.of(Chat).room("lobby").members()`.
    pub async fn members(self) -> Result<Vec<RemoteSocket<N>>, EmitError> {
        self.fetch_sockets().await
    }

    /// Returns the number of sockets on all servers.
    pub async fn count(self) -> Result<usize, EmitError> {
        let here = self.clone().checked_sockets()?.len();
        let others = self.ask_others(true).await;
        let counts = others
            .iter()
            .filter_map(|(_, answer)| rmp_serde::from_slice::<usize>(answer).ok());
        Ok(here + counts.sum::<usize>())
    }

    /// Returns the socket with this id, if it is on this server.
    pub fn get_socket(&self, id: Sid) -> Option<Socket<N>> {
        self.targets
            .iter()
            .find_map(|target| target.get_socket(id))
            .and_then(Socket::from_raw)
            .filter(Socket::connected)
    }

    /// Returns the number of events of this namespace that were rejected since it was mounted.
    pub fn rejected_count(&self) -> u64 {
        self.shared
            .as_ref()
            .map_or(0, |shared| shared.rejected_count())
    }

    /// Returns the other servers of the cluster, as a target of inter-server events.
    pub fn servers(&self) -> Servers<N> {
        Servers::new(self.bus.clone(), self.scope.path.clone())
    }

    fn checked_sockets(self) -> Result<Vec<Socket<N>>, EmitError> {
        self.clone().checked()?;
        Ok(self.sockets())
    }

    /// Asks the other servers for their sockets, or for the number of their sockets.
    async fn ask_others(&self, count: bool) -> Vec<(crate::contract::server_id::ServerId, Bytes)> {
        let is_here = self.scope.is_local || self.scope.is_nobody;
        let (Some(bus), false) = (&self.bus, is_here) else {
            return Vec::new();
        };
        let gathered = bus
            .ask(None, |request| Body::Find {
                namespace: self.scope.path.clone(),
                request,
                selection: self.scope.selection.clone(),
                count,
            })
            .await;
        bus.forget(&gathered.missing);
        let answers = gathered.answers.into_iter();
        let values = answers.filter_map(|(server, outcome)| match outcome {
            Outcome::Value(value) => Some((server, value)),
            Outcome::Json(_) | Outcome::Rejected(_) => None,
        });
        values.collect()
    }

    /// Returns the targets, or an error if the namespace was never mounted, which is a mistake of the application.
    fn checked(self) -> Result<Vec<Operators>, EmitError> {
        if self.shared.is_none() && !self.is_outside {
            return Err(EmitError::NotMounted(N::PATTERN.to_owned(), N::NAME));
        }
        Ok(self.reachable())
    }

    fn reachable(self) -> Vec<Operators> {
        match self.scope.is_nobody {
            true => Vec::new(),
            false => self.targets,
        }
    }

    /// Returns the bus if the targets do not reach the other servers: for children of a dynamic namespace that this
    /// server does not have.
    fn relay(&self) -> Option<Arc<Bus>> {
        let is_all = self.scope.path == N::PATTERN && path::is_dynamic(N::PATTERN);
        let is_here = self.scope.is_local || self.scope.is_nobody;
        let is_complete = is_here || (!is_all && !self.targets.is_empty());
        let bus = self.bus.as_ref()?;
        (bus.is_remote() && !is_complete).then(|| bus.clone())
    }

    /// Relays the action to the other servers if necessary, then returns the targets on this server.
    async fn reached(self, relay: Option<(Arc<Bus>, Action)>) -> Result<Vec<Operators>, EmitError> {
        let scope = self.scope.clone();
        reach(self.checked()?, scope, relay).await
    }

    pub(crate) async fn send(
        self,
        event: &'static str,
        arguments: Box<dyn Arguments + Send + '_>,
    ) -> Result<(), EmitError> {
        self.notify_outgoing(event, &arguments);
        let this = self.without_slow_clients();
        let (relay, scope) = (this.relay(), this.scope.clone());
        let shared = this.shared.clone();
        let sent = deliver(this.checked(), scope, relay, event, arguments).await;
        if let Some(shared) = shared {
            shared.traffic.sent(event, sent.as_ref().err());
        }
        sent
    }

    /// Leaves out slow clients, which still have unsent packets, if the event is volatile.
    fn without_slow_clients(self) -> Self {
        let slow_clients = match &self.shared {
            Some(shared) if self.scope.is_volatile => shared.slow_clients.ids(),
            _ => return self,
        };
        if slow_clients.is_empty() {
            return self;
        }
        // Every socket is in the room of its own id.
        let rooms: Vec<_> = slow_clients.iter().map(ToString::to_string).collect();
        self.map(|operators| operators.except(rooms.clone()))
    }

    /// Returns an observer that measures the acknowledgements of an event.
    pub(crate) fn watch(&self, event: &'static str) -> Option<AckObserver> {
        let shared = self.shared.as_ref()?;
        Some(AckObserver::new(event, shared))
    }

    /// Sends an event and collects the answers: through the namespace's adapter, or through the other servers if this
    /// server does not have the namespace.
    pub(crate) async fn send_with_ack(
        self,
        event: &'static str,
        arguments: Box<dyn Arguments + Send + '_>,
    ) -> Result<Vec<Answers>, EmitError> {
        self.notify_outgoing(event, &arguments);
        let others = match self.relay() {
            Some(bus) => Some((self.question(&bus, event, &arguments)?, bus)),
            None => None,
        };
        let shared = self.shared.clone();
        let payload = Outgoing(arguments);
        let mut answers = Vec::new();
        for target in self.checked()? {
            let target = if others.is_some() {
                target.local()
            } else {
                target
            };
            let sending = send_with_ack(target, event, &payload);
            answers.push(of_adapter(sending.await?));
        }
        if let Some((question, bus)) = others {
            answers.push(of_others(question, bus));
        }
        if let Some(shared) = shared {
            shared.traffic.sent(event, None);
        }
        Ok(answers)
    }

    fn question(
        &self,
        bus: &Bus,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<Question, EmitError> {
        let Scope {
            path,
            selection,
            timeout,
            ..
        } = self.scope.clone();
        let timeout = timeout.unwrap_or(bus.request_timeout());
        Question::new(path, selection, event, arguments, timeout)
    }

    /// Calls the sockets' `on_any_outgoing` listeners, if there are any.
    fn notify_outgoing(&self, event: &'static str, arguments: &dyn Arguments) {
        if !self
            .shared
            .as_ref()
            .is_some_and(|shared| shared.has_outgoing_listeners())
        {
            return;
        }
        for socket in self.clone().sockets() {
            socket.notify_outgoing(event, arguments);
        }
    }
}

impl<N: Namespace> Clone for Broadcast<N> {
    fn clone(&self) -> Self {
        Self {
            targets: self.targets.clone(),
            scope: self.scope.clone(),
            shared: self.shared.clone(),
            bus: self.bus.clone(),
            is_outside: self.is_outside,
            namespace: PhantomData,
        }
    }
}

/// Sends an event to the targets, and relays it to the other servers if the targets do not reach them.
async fn deliver(
    targets: Result<Vec<Operators>, EmitError>,
    scope: Scope,
    relay: Option<Arc<Bus>>,
    event: &'static str,
    arguments: Box<dyn Arguments + Send + '_>,
) -> Result<(), EmitError> {
    let relay = match relay {
        Some(bus) => Some((bus, Action::emit(event, &arguments, scope.is_volatile)?)),
        None => None,
    };
    let payload = Outgoing(arguments);
    for target in reach(targets?, scope, relay).await? {
        let sending = send(target, event, &payload);
        sending.await.or_else(EmitError::from_broadcast)?;
    }
    Ok(())
}

async fn reach(
    targets: Vec<Operators>,
    scope: Scope,
    relay: Option<(Arc<Bus>, Action)>,
) -> Result<Vec<Operators>, EmitError> {
    let Some((bus, action)) = relay else {
        return Ok(targets);
    };
    bus.publish(Body::Relay {
        namespace: scope.path,
        selection: scope.selection,
        action,
    })
    .await;
    Ok(targets.into_iter().map(Operators::local).collect())
}

// The packet is encoded before the future is first polled, and the future holds only the packet. These two are separate
// functions to show the compiler that the borrowed arguments are not kept over an `await`.

fn send<'a>(
    target: Operators,
    event: &'static str,
    payload: &'a Outgoing<Box<dyn Arguments + Send + '_>>,
) -> impl Future<Output = Result<(), BroadcastError>> + Send + 'a {
    target.emit(event, payload)
}

fn send_with_ack<'a>(
    target: Operators,
    event: &'static str,
    payload: &'a Outgoing<Box<dyn Arguments + Send + '_>>,
) -> impl Future<Output = Result<RawAnswers, EmitWithAckError>> + Send + 'a {
    target.emit_with_ack(event, payload)
}

/// Returns the children of a dynamic namespace, or the one static namespace.
pub(crate) fn children<N: Namespace>(io: &RawIo) -> Vec<Operators> {
    io.nsps()
        .into_iter()
        .filter(|operators| path::matches(N::PATTERN, operators.ns_path()))
        .collect()
}
