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
/// Cloning is cheap, and all clones refer to the same server. A handler can keep a clone, or get it from
/// [`Socket::io`].
///
/// ```
/// use sio_types::prelude::*;
///
/// #[events]
/// trait ServerToClient {
///     fn notice(text: String);
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", server_to_client = ServerToClient)]
/// struct Chat;
///
/// struct ChatServer;
///
/// impl Lifecycle<Chat> for ChatServer {}
///
/// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
/// let (layer, io) = SocketIo::builder().build_layer();
/// io.mount::<Chat, _>(ChatServer)?;
/// let app: axum::Router = axum::Router::new().layer(layer);
///
/// io.of(Chat).room("lobby").emit().notice("The server restarts at noon").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SocketIo {
    raw: RawIo,
    pub(crate) namespaces: Arc<NamespaceRegistry>,
    development: bool,
}

impl SocketIo {
    /// Returns a builder for a server, with the defaults of [`Builder`].
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

    /// Mounts namespace `N` with a handler for its events and [lifecycle hooks](Lifecycle).
    ///
    /// Call it once per namespace, also for a dynamic one. One handler can serve several namespaces: mount clones that
    /// share their fields in an `Arc`. See the guide to [namespaces](crate::guide::namespaces#mounting).
    ///
    /// # Errors
    ///
    /// Returns [`MountError::AlreadyMounted`] if the namespace or its path is mounted already, and [`MountError::Path`]
    /// if the path of a dynamic namespace collides with another dynamic path. Both are mistakes in the program.
    ///
    /// # Panics
    ///
    /// Panics if the server's [`Cluster`](crate::Cluster) has an engine and the call is made outside of a tokio
    /// runtime.
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

    /// Selects the sockets of one namespace ([`of`](https://socket.io/docs/v4/server-api/#serverofnsp)). For a dynamic
    /// namespace, selects those of the child with these parameters.
    ///
    /// ```
    /// # use sio_types::{EmitError, prelude::*};
    /// # #[events]
    /// # trait ServerToClient {
    /// #     fn notice(text: String);
    /// # }
    /// #[derive(Events)]
    /// #[events(namespace = "/workspace/{tenant}", server_to_client = ServerToClient)]
    /// struct Workspace {
    ///     tenant: String,
    /// }
    ///
    /// # async fn notify(io: SocketIo) -> Result<(), EmitError> {
    /// let acme = Workspace { tenant: "acme".to_owned() };
    /// io.of(acme).emit().notice("Your plan ends tomorrow").await?;
    /// io.all::<Workspace>().emit().notice("The server restarts at noon").await?;
    /// # Ok(())
    /// # }
    /// ```
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

    /// Returns a handle to the cluster that the server belongs to.
    pub fn cluster(&self) -> ClusterHandle {
        ClusterHandle(self.namespaces.bus.clone())
    }

    /// Returns socketioxide's own handle, for features that this crate does not wrap.
    ///
    /// See the guide to [migrating from socketioxide](crate::guide::from_socketioxide).
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
