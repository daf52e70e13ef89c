//! Several servers in one process.

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

/// How long [`Hub::settled`] waits: longer than a server takes to be heard of again after its line was cut.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often [`Hub::settled`] looks.
const PULSE: Duration = Duration::from_millis(1);

/// What connects the servers of a test, instead of an engine such as Redis: broadcasts, rooms, `fetch_sockets`,
/// acknowledgements and inter-server events reach all of them.
///
/// Over it are the adapter of [socketioxide-redis](https://docs.rs/socketioxide-redis) and the bus that every
/// [`Cluster`] has: what differs from Redis is that a message is there at once.
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
#[derive(Clone, Default)]
pub struct Hub(Arc<Exchange>);

impl Hub {
    /// One without servers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cluster of one more server: for [`Builder::cluster`](crate::Builder::cluster), which it is given to once.
    ///
    /// It has the settings of every cluster; a short [`heartbeat`](Cluster::heartbeat) makes a server known sooner that
    /// was [cut off](Self::cut).
    pub fn cluster(&self) -> Cluster {
        Cluster::new(Arc::new(self.0.clone()))
    }

    /// Cuts a server off from the others: what they send each other is lost, as if its engine was away. The server
    /// [knows](crate::ClusterHandle::is_connected); the others miss it when they ask it something.
    ///
    /// # Panics
    /// If the server is not of this hub.
    pub fn cut(&self, server: &SocketIo) {
        self.with_health(server, |health| health.disconnected(&"cut off by the test"));
    }

    /// Connects a server again that was [cut off](Self::cut). Who has forgotten it hears of it at its next
    /// [heartbeat](Cluster::heartbeat), or when [`settled`](Self::settled) has waited for that.
    ///
    /// # Panics
    /// If the server is not of this hub.
    pub fn heal(&self, server: &SocketIo) {
        self.with_health(server, Health::connected);
    }

    fn with_health(&self, server: &SocketIo, change: impl FnOnce(&Health)) {
        let cluster = server.cluster();
        let engine = cluster.0.cluster().engine.as_deref();
        let hub = engine.and_then(|engine| engine.as_any().downcast_ref::<HubEngine>());
        let health = hub.and_then(|hub| hub.driver.health(&self.0));
        change(health.expect("the server's cluster is one of this hub"));
    }

    /// Waits until all servers that are not cut off know each other, and have handled what they had sent each other when
    /// this was called.
    ///
    /// What arrives is handled in order, and up to the first `.await` that has to wait; so what a broadcast sends to a
    /// client has been handed to its connection, where [`Client::expect_nothing`](super::Client::expect_nothing) sees
    /// it. Nothing is known of what a handler sends to the servers later.
    ///
    /// # Errors
    /// [`Problem::TimedOut`] if that takes longer than 10 s.
    pub async fn settled(&self) -> Result<(), Failure> {
        let settled = async {
            self.acquainted().await;
            self.taken().await;
            // Each takes one message after the other: who answers has handled what was taken before.
            let servers = self.servers();
            let nodes: HashSet<_> = servers.iter().map(|server| server.node()).collect();
            for server in servers {
                ask(&server, nodes.clone()).await;
            }
        };
        let in_time = tokio::time::timeout(TIMEOUT, settled).await;
        in_time.map_err(|_| {
            let wanted = "the servers to have handled each other's messages";
            Failure::new(wanted, Problem::TimedOut(TIMEOUT))
        })
    }

    /// Resolves when all know each other.
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
            tokio::time::sleep(PULSE).await;
        }
    }

    /// The servers that are not cut off.
    fn servers(&self) -> Vec<Arc<Bus>> {
        let servers = self.0.servers().into_iter();
        let buses = servers.filter_map(|server| server.downcast::<Bus>().ok());
        buses.filter(|bus| bus.is_there()).collect()
    }

    /// Resolves when nothing is on its way.
    async fn taken(&self) {
        while !self.0.is_quiet() {
            tokio::time::sleep(PULSE).await;
        }
    }
}

/// Asks servers something, in all ways in which they speak to each other.
async fn ask(server: &Bus, mut others: HashSet<ServerId>) {
    for adapter in server.cluster().namespaces.every_adapter() {
        let path = adapter.get_local().path().to_string();
        server.cluster().namespaces.ready(&path).await;
        if let Err(error) = adapter.rooms(BroadcastOptions::default()).await {
            tracing::debug!(%error, "the other servers were not asked");
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
