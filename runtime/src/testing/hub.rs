//! Clusters in one process.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use super::failure::{Failure, Problem};
use crate::{
    cluster::{
        Cluster,
        bus::{
            Bus,
            envelope::{Body, Selection},
        },
        engine::{
            health::Health,
            hub::{Exchange, HubEngine},
        },
    },
    contract::server_id::ServerId,
    server::socket_io::SocketIo,
    upstream::{BroadcastOptions, CoreAdapter},
};

/// Timeout of [`Hub::settled`]. It is longer than a server needs to be known again after it was cut off.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Interval between two checks of [`Hub::settled`].
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// An in-memory engine for the cluster of a test, in place of an engine such as Redis. Broadcasts, rooms,
/// `fetch_sockets`, acknowledgements and inter-server events reach all of its servers.
///
/// It uses the adapter of [socketioxide-redis](https://docs.rs/socketioxide-redis), and the same code between servers
/// as every [`Cluster`]. Unlike with Redis, messages arrive immediately.
///
/// ```no_run
/// # use sio_types::{prelude::*, testing::{self, Client, Hub}};
/// # #[events]
/// # trait ServerToClient {
/// #     fn posted(text: String);
/// # }
/// # #[events]
/// # trait ClientToServer {
/// #     fn post(text: String);
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient, client_to_server = ClientToServer)]
/// # struct Chat;
/// # fn app(cluster: Cluster) -> (axum::Router, SocketIo) { unimplemented!() }
/// # async fn test() -> Result<(), Box<dyn std::error::Error>> {
/// let hub = Hub::new();
/// let (first, _) = app(hub.cluster());
/// let (second, second_io) = app(hub.cluster());
/// let ada = Client::connect(&first, Chat, ()).await?;
/// let bob = Client::connect(&second, Chat, ()).await?;
///
/// ada.emit().post("hello").await?;
/// bob.expect().posted("hello").await?;
///
/// hub.cut(&second_io);
/// ada.emit().post("is anybody there?").await?;
/// hub.settled().await?;
/// bob.expect_nothing().await?;
/// # Ok(())
/// # }
/// ```
///
/// See also the guide to [tests of several servers](crate::guide::testing#several-servers).
#[derive(Clone, Default)]
pub struct Hub(Arc<Exchange>);

impl Hub {
    /// Creates a hub without servers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the cluster of one more server. Pass it to [`Builder::cluster`](crate::Builder::cluster) of one server
    /// only.
    ///
    /// It has the settings of every cluster. With a short [`heartbeat`](Cluster::heartbeat), the other servers find a
    /// server sooner after it was [cut off](Self::cut).
    pub fn cluster(&self) -> Cluster {
        Cluster::new(Arc::new(self.0.clone()))
    }

    /// Cuts a server off from the others: messages between them are lost, as if the server had lost its engine. The
    /// server [knows](crate::ClusterHandle::is_connected) about it. The others find out when it does not answer their
    /// requests.
    ///
    /// # Panics
    ///
    /// Panics if the server is not part of this hub.
    pub fn cut(&self, server: &SocketIo) {
        self.with_health(server, |health| health.disconnected(&"cut off by the test"));
    }

    /// Reconnects a server that was [cut off](Self::cut). Servers that have removed it find it again at its next
    /// [heartbeat](Cluster::heartbeat), which [`settled`](Self::settled) waits for.
    ///
    /// # Panics
    ///
    /// Panics if the server is not part of this hub.
    pub fn heal(&self, server: &SocketIo) {
        self.with_health(server, Health::connected);
    }

    fn with_health(&self, server: &SocketIo, change: impl FnOnce(&Health)) {
        let cluster = server.cluster();
        let engine = cluster.0.cluster().engine.as_deref();
        let hub = engine.and_then(|engine| engine.as_any().downcast_ref::<HubEngine>());
        let health = hub.and_then(|hub| hub.driver.health(&self.0));
        change(health.expect("the server must belong to this hub"));
    }

    /// Waits until all servers that are not cut off know each other, and have handled all messages that they had sent
    /// each other before the call.
    ///
    /// A server handles messages in order, each up to the first `.await` that has to wait. A broadcast has therefore
    /// been handed to the client's connection, where [`Client::expect_nothing`](super::Client::expect_nothing) finds
    /// it. Messages that a handler sends to the servers later are not covered.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::TimedOut`] if that takes longer than 10 s.
    pub async fn settled(&self) -> Result<(), Failure> {
        let settled = async {
            self.acquainted().await;
            self.taken().await;
            // Each server handles one message after the other: an answer proves that it has handled the messages before
            // it.
            let servers = self.servers();
            let nodes: HashSet<_> = servers.iter().map(|server| server.node()).collect();
            for server in servers {
                ask(&server, nodes.clone()).await;
            }
        };
        let in_time = tokio::time::timeout(TIMEOUT, settled).await;
        in_time.map_err(|_| {
            let wanted = "the servers to handle each other's messages";
            Failure::new(wanted, Problem::TimedOut(TIMEOUT))
        })
    }

    /// Resolves when all servers know each other.
    async fn acquainted(&self) {
        loop {
            let servers = self.servers();
            let mut are_known = true;
            for server in &servers {
                let known = server.members().await;
                let mut others = servers.iter().map(|other| other.node());
                are_known &= others.all(|other| other == server.node() || known.contains(&other));
            }
            if are_known {
                return;
            }
            drop(servers);
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns the servers that are not cut off.
    fn servers(&self) -> Vec<Arc<Bus>> {
        let servers = self.0.servers().into_iter();
        let buses = servers.filter_map(|server| server.downcast::<Bus>().ok());
        buses.filter(|bus| bus.is_there()).collect()
    }

    /// Resolves when no message is in transit.
    async fn taken(&self) {
        while !self.0.is_quiet() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

/// Sends requests from one server to the others, on every channel that they share.
async fn ask(server: &Bus, mut others: HashSet<ServerId>) {
    for adapter in server.cluster().namespaces.every_adapter() {
        let path = adapter.get_local().path().to_string();
        server.cluster().namespaces.ready(&path).await;
        if let Err(error) = adapter.rooms(BroadcastOptions::default()).await {
            tracing::debug!(%error, "failed to query the other servers");
        }
    }
    let find = |request| Body::Find {
        namespace: "/".to_owned(),
        request,
        selection: Selection::default(),
        count: true,
    };
    others.remove(&server.node());
    server.ask_these(others, None, find).await;
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("servers", &self.servers().len())
            .finish()
    }
}
