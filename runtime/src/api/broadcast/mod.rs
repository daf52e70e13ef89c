//! Sets of sockets, and the operators that narrow them.

mod actions;
mod delivery;
mod sockets;

use std::{marker::PhantomData, sync::Arc, time::Duration};

use super::{emit::BroadcastTarget, servers::Servers};
use crate::{
    cluster::bus::{
        Bus,
        envelope::{Selection, names},
    },
    contract::{
        error::EmitError,
        namespace::{EventEmitter, Namespace},
        path,
    },
    protocol::{Room, RoomParam, Sid},
    session::{namespace_state::NamespaceState, socket::Socket},
    upstream::{Operators, RawIo},
};

/// Set of sockets of namespace `N`, on all servers of the cluster.
///
/// [`SocketIo::of`](crate::SocketIo::of), [`Socket::to`] and similar methods return it. Operators such as
/// [`to`](Self::to) and [`except`](Self::except) narrow it, like those of
/// [Socket.IO's server](https://socket.io/docs/v4/server-api/#servertoroom). Nothing happens until you call
/// [`emit`](Self::emit) or another action.
///
/// ```
/// # use sio_types::prelude::*;
/// # #[events]
/// # trait ServerToClient {
/// #     fn notice(text: String);
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
/// # struct Chat;
/// # async fn announce(io: SocketIo) -> Result<(), Box<dyn std::error::Error>> {
/// let lobby = io.of(Chat).room("lobby").except("muted");
/// lobby.clone().emit().notice("The server restarts at noon").await?;
/// let count: usize = lobby.clone().count().await?;
/// lobby.disconnect().await?;
/// # Ok(())
/// # }
/// ```
///
/// Create a broadcast when you use it. If the server deletes a child of a dynamic namespace, earlier broadcasts to this
/// child reach no client on this server.
///
/// See also the guide to [rooms and broadcasting](crate::guide::rooms).
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

    /// Selects only sockets in at least one of the rooms of all `to` and `within` calls
    /// ([`to`](https://socket.io/docs/v4/server-api/#servertoroom)). An empty list of rooms selects nobody; in Node, it
    /// selects everybody.
    ///
    /// A broadcast from a socket excludes that socket. Every socket is in a room named by its own [`id`](Socket::id).
    #[must_use]
    pub fn to(mut self, rooms: impl RoomParam) -> Self {
        let rooms = names(rooms);
        self.scope.selection.rooms.extend_from_slice(&rooms);
        self.narrowed().map(|operators| operators.to(rooms.clone()))
    }

    /// Narrows like [`to`](Self::to). A broadcast that excludes a socket continues to exclude it;
    /// [`Socket::within`] begins a broadcast that includes it.
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

    /// Excludes the sockets in any of these rooms
    /// ([`except`](https://socket.io/docs/v4/server-api/#serverexceptrooms)).
    #[must_use]
    pub fn except(mut self, rooms: impl RoomParam) -> Self {
        let rooms = names(rooms);
        self.scope.selection.except.extend_from_slice(&rooms);
        self.map(|operators| operators.except(rooms.clone()))
    }

    /// Selects only sockets of this server ([`local`](https://socket.io/docs/v4/server-api/#flag-local)).
    #[must_use]
    pub fn local(mut self) -> Self {
        self.scope.is_local = true;
        self.map(Operators::local)
    }

    /// Makes the event [volatile](https://socket.io/docs/v4/emitting-events/#volatile-events): this server leaves out
    /// its clients for which data already waits. A dropped event is not an error.
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

    /// Returns an emitter with one method per event. Each method returns a future that sends the event when awaited.
    ///
    /// The future of an event without an acknowledgement resolves when the event is queued for the clients of this
    /// server and handed to the cluster's engine. The future of an event with an acknowledgement resolves to a stream
    /// of [`Acknowledgements`](crate::Acknowledgements).
    ///
    /// # Errors
    ///
    /// The future resolves to an [`EmitError`]:
    ///
    /// - [`NotMounted`](EmitError::NotMounted) if the namespace was not mounted on this server.
    /// - [`Encode`](EmitError::Encode) if an argument cannot be encoded.
    /// - [`Full`](EmitError::Full) if too many packets wait for at least one client. All other clients receive the
    ///   event.
    /// - [`Engine`](EmitError::Engine) if the cluster's engine failed. The event may not have reached other servers.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> EventEmitter<N, BroadcastTarget<N>> {
        BroadcastTarget(self).into()
    }

    /// Returns the socket of the namespace with this id, if it is connected to this server. Rooms do not narrow this
    /// search.
    pub fn get_socket(&self, id: Sid) -> Option<Socket<N>> {
        self.targets
            .iter()
            .find_map(|target| target.get_socket(id))
            .and_then(Socket::from_raw)
            .filter(Socket::connected)
    }

    /// Returns the number of events that this server has rejected since the namespace was mounted, for all of its
    /// sockets. See [`Lifecycle::rejected`](crate::Lifecycle::rejected).
    pub fn rejected_count(&self) -> u64 {
        self.shared
            .as_ref()
            .map_or(0, |shared| shared.rejected_count())
    }

    /// Returns the other servers of the cluster, as a target of inter-server events. Rooms do not narrow this target.
    pub fn servers(&self) -> Servers<N> {
        Servers::new(self.bus.clone(), self.scope.path.clone())
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

/// Returns the children of a dynamic namespace, or the one static namespace.
pub(crate) fn children<N: Namespace>(io: &RawIo) -> Vec<Operators> {
    io.nsps()
        .into_iter()
        .filter(|operators| path::matches(N::PATTERN, operators.ns_path()))
        .collect()
}
