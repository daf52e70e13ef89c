//! The server: how it is built, and what is mounted on it.

use std::{fmt, sync::Arc};

use super::builder::Builder;
use crate::{
    api::{
        broadcast::{self, Broadcast},
        peer::{Peer, PeerEndpoint},
    },
    cluster::handle::ClusterHandle,
    contract::{error::MountError, events::Dispatch, namespace::Namespace, path},
    session::{
        connect::Connect,
        lifecycle::Lifecycle,
        namespace_state::{NamespaceRegistry, NamespaceState},
        socket::Socket,
    },
    upstream::{RawIo, extract},
};

/// A Socket.IO server: the counterpart of Node's [`Server`](https://socket.io/docs/v4/server-instance/).
///
/// Cheap to clone; a clone is the same server.
#[derive(Clone)]
pub struct SocketIo {
    raw: RawIo,
    pub(crate) namespaces: Arc<NamespaceRegistry>,
    development: bool,
}

impl SocketIo {
    /// Starts to build a server.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(raw: RawIo, namespaces: Arc<NamespaceRegistry>, development: bool) -> Self {
        Self {
            raw,
            namespaces,
            development,
        }
    }

    /// Serves namespace `N` with a handler of its events.
    ///
    /// One handler may serve several namespaces: mount clones of an `Arc` of its parts.
    ///
    /// # Errors
    /// [`MountError`] if the namespace is mounted already, or its path collides with another.
    pub fn mount<N, H>(&self, handler: H) -> Result<(), MountError>
    where
        N: Namespace<ClientToServer: Dispatch<H, Socket<N>>, InterServer: Dispatch<H, Peer<N>>>,
        H: Lifecycle<N>,
    {
        let handler = Arc::new(handler);
        let shared = Arc::new(NamespaceState::new(
            handler.clone(),
            &self.namespaces,
            self.development,
        ));
        let connect = Connect {
            handler: handler.clone(),
            shared: shared.clone(),
            namespaces: self.namespaces.clone(),
        };
        let endpoint = PeerEndpoint {
            handler,
            shared: shared.clone(),
        };
        if path::is_dynamic(N::PATTERN) {
            self.mount_dynamic(shared, connect)
        } else {
            self.mount_static(shared, connect)
        }?;
        self.namespaces.bus.add(Arc::new(endpoint));
        Ok(())
    }

    fn mount_static<N, H>(
        &self,
        shared: Arc<NamespaceState<N>>,
        connect: Connect<N, H>,
    ) -> Result<(), MountError>
    where
        N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
        H: Lifecycle<N>,
    {
        if self.raw.of(N::PATTERN).is_some() || !self.namespaces.insert(shared) {
            return Err(MountError::AlreadyMounted(N::PATTERN));
        }
        self.raw.ns(N::PATTERN, connect);
        Ok(())
    }

    fn mount_dynamic<N, H>(
        &self,
        shared: Arc<NamespaceState<N>>,
        connect: Connect<N, H>,
    ) -> Result<(), MountError>
    where
        N: Namespace<ClientToServer: Dispatch<H, Socket<N>>>,
        H: Lifecycle<N>,
    {
        if !self.namespaces.insert(shared) {
            return Err(MountError::AlreadyMounted(N::PATTERN));
        }
        self.raw.dyn_ns(N::PATTERN, connect).map_err(|error| {
            self.namespaces.remove::<N>();
            MountError::Path {
                pattern: N::PATTERN,
                reason: error.to_string(),
            }
        })
    }

    /// The sockets of one namespace; of a dynamic one, those of the child with these parameters.
    pub fn of<N: Namespace>(&self, namespace: N) -> Broadcast<N> {
        let path = namespace.path();
        let targets = self.raw.of(path.clone()).into_iter().collect();
        let bus = self.namespaces.bus.clone();
        Broadcast::new(targets, path, self.namespaces.get::<N>(), Some(bus))
    }

    /// The sockets of a namespace and, of a dynamic one, of all its children: an emit to the
    /// [parent namespace](https://socket.io/docs/v4/namespaces/#dynamic-namespaces).
    pub fn all<N: Namespace>(&self) -> Broadcast<N> {
        let targets = broadcast::children::<N>(&self.raw);
        let bus = self.namespaces.bus.clone();
        Broadcast::new(targets, N::PATTERN, self.namespaces.get::<N>(), Some(bus))
    }

    /// The cluster that the server is in.
    pub fn cluster(&self) -> ClusterHandle {
        ClusterHandle(self.namespaces.bus.clone())
    }

    /// socketioxide's own handle, for what is not wrapped here.
    pub fn raw(&self) -> &RawIo {
        &self.raw
    }
}

impl fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIo").finish_non_exhaustive()
    }
}

impl<N: Namespace> Socket<N> {
    /// The server that the socket is connected to.
    pub fn io(&self) -> SocketIo {
        let raw = extract::server(&self.raw);
        let shared = &self.state.shared;
        // The mounts are there as long as the namespace is.
        let namespaces = shared
            .namespaces()
            .unwrap_or_else(|| Arc::new(NamespaceRegistry::none()));
        SocketIo::new(raw, namespaces, shared.development)
    }
}
