//! The server and its mounted namespaces.

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
/// Cloning is cheap, and all clones refer to the same server.
#[derive(Clone)]
pub struct SocketIo {
    raw: RawIo,
    pub(crate) namespaces: Arc<NamespaceRegistry>,
    development: bool,
}

impl SocketIo {
    /// Returns a builder for a server.
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

    /// Mounts namespace `N` with a handler for its events.
    ///
    /// One handler can serve several namespaces: mount clones that share their parts in an `Arc`.
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

    /// Selects the sockets of one namespace; for a dynamic one, those of the child with these parameters.
    pub fn of<N: Namespace>(&self, namespace: N) -> Broadcast<N> {
        let path = namespace.path();
        let targets = self.raw.of(path.clone()).into_iter().collect();
        let bus = self.namespaces.bus.clone();
        Broadcast::new(targets, path, self.namespaces.get::<N>(), Some(bus))
    }

    /// Selects the sockets of a namespace and, if it is dynamic, of all its children: the target of an emit to the
    /// [parent namespace](https://socket.io/docs/v4/namespaces/#dynamic-namespaces).
    pub fn all<N: Namespace>(&self) -> Broadcast<N> {
        let targets = broadcast::children::<N>(&self.raw);
        let bus = self.namespaces.bus.clone();
        Broadcast::new(targets, N::PATTERN, self.namespaces.get::<N>(), Some(bus))
    }

    /// Returns the cluster that the server belongs to.
    pub fn cluster(&self) -> ClusterHandle {
        ClusterHandle(self.namespaces.bus.clone())
    }

    /// Returns socketioxide's own handle, for features that this crate does not wrap.
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
    /// Returns the server that the socket is connected to.
    pub fn io(&self) -> SocketIo {
        let raw = extract::server(&self.raw);
        let shared = &self.state.shared;
        // The registry lives as long as the namespace.
        let namespaces = shared
            .namespaces()
            .unwrap_or_else(|| Arc::new(NamespaceRegistry::none()));
        SocketIo::new(raw, namespaces, shared.development)
    }
}
