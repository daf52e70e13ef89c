//! Clusters: several servers that work as one.

pub(crate) mod bus;
pub(crate) mod engine;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod handle;
pub(crate) mod interop;
pub(crate) mod question;
pub(crate) mod settings;
pub(crate) mod state;
pub(crate) mod url;

use std::{fmt, sync::Arc, time::Duration};

use engine::{EngineConfig, health::Health};
use error::ClusterError;
use interop::{InteropConfig, InteropProtocol};
use settings::Settings;
use state::ClusterState;

/// The servers of an application that work together, and the engine that carries their messages. The counterpart of
/// Node's [adapters](https://socket.io/docs/v4/adapter/).
///
/// ```no_run
/// use sio_types::{Cluster, SocketIo};
///
/// # async fn build() -> Result<(), sio_types::ClusterError> {
/// let cluster = Cluster::connect("redis://localhost").await?;
/// let (layer, io) = SocketIo::builder().cluster(cluster).build_layer();
/// # Ok(())
/// # }
/// ```
///
/// The scheme of the URL selects the engine:
///
/// | URL | Engine | Cargo feature |
/// | --- | --- | --- |
/// | `memory://` | none: this server works alone | |
/// | `redis://[user:password@]host[:port][/db]` | Redis or Valkey, by publish and subscribe | `redis` |
/// | `redis-sentinel://…?sentinelServiceName=name[&node=host:port]…[&sentinelUsername=…&sentinelPassword=…]` | the Redis master that the sentinels report | `redis` |
/// | `redis-cluster://…[?node=host:port]…` | Redis Cluster | `redis` |
/// | `rediss://`, `rediss-sentinel://`, `rediss-cluster://` | the same, with TLS | `redis` |
/// | `postgres://[user:password@]host[:port]/database` | PostgreSQL, by `NOTIFY` and `LISTEN` | `postgres` |
///
/// Built on socketioxide's adapters ([redis](https://docs.rs/socketioxide-redis),
/// [postgres](https://docs.rs/socketioxide-postgres)). The names of their channels start with the cluster's
/// [`prefix`](Self::prefix).
///
/// # Engine outages
///
/// While there is no connection to the engine, each server works alone. Its own sockets receive every event. Messages
/// to other servers are lost and counted ([`dropped_messages`](crate::ClusterHandle::dropped_messages)). The server
/// reconnects to the engine and rejoins the other servers without a restart.
///
/// See also the guide to [clusters](crate::guide::clusters).
#[derive(Clone)]
pub struct Cluster {
    engine: Arc<dyn EngineConfig>,
    settings: Settings,
    /// The started engine, if it is started.
    state: Option<Arc<ClusterState>>,
}

impl Cluster {
    /// Creates a cluster of this server alone, the same as `memory://`. It is the default of a server.
    pub fn memory() -> Self {
        Self::new(engine::memory())
    }

    /// Creates a cluster with the given engine.
    pub(crate) fn new(engine: Arc<dyn EngineConfig>) -> Self {
        Self {
            engine,
            settings: Settings::default(),
            state: None,
        }
    }

    /// Creates a cluster from the URL of its engine, without connecting to it. A server that is built with the cluster
    /// connects in the background, and works alone until it is connected. Use [`connect`](Self::connect) to wait for
    /// the connection.
    ///
    /// ```
    /// use sio_types::Cluster;
    ///
    /// let cluster = Cluster::from_url("memory://")?;
    /// # Ok::<(), sio_types::ClusterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ClusterError::NoUrl`] or [`ClusterError::UnknownEngine`] if the URL does not have a known scheme,
    /// [`ClusterError::MissingFeature`] if this build does not include the engine, and [`ClusterError::Url`] if the
    /// engine cannot parse the URL.
    pub fn from_url(url: &str) -> Result<Self, ClusterError> {
        Ok(Self::new(engine::parse(url)?))
    }

    /// Creates a cluster from the URL of its engine and connects to it, for at most 5 s.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`from_url`](Self::from_url), and [`ClusterError::Unreachable`] if there is no connection
    /// within 5 s.
    pub async fn connect(url: &str) -> Result<Self, ClusterError> {
        Self::from_url(url)?
            .connect_timeout(Duration::from_secs(5))
            .await
    }

    /// Connects to the engine within the given time. Call it after the methods that change settings: a later change
    /// drops the connection.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use sio_types::Cluster;
    ///
    /// # async fn connect() -> Result<(), sio_types::ClusterError> {
    /// let cluster = Cluster::from_url("redis://localhost")?
    ///     .prefix("my-chat")
    ///     .connect_timeout(Duration::from_secs(30))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ClusterError::Unreachable`] if there is no connection within `timeout`.
    pub async fn connect_timeout(mut self, timeout: Duration) -> Result<Self, ClusterError> {
        let state = self.start();
        if tokio::time::timeout(timeout, state.health.wait())
            .await
            .is_err()
        {
            return Err(ClusterError::Unreachable {
                url: self.engine.url(),
                timeout,
                reason: state.health.problem(),
            });
        }
        self.state = Some(state);
        Ok(self)
    }

    /// Sets the prefix of the names of channels and tables; `sio-types` by default. Applications that share an engine
    /// need different prefixes. Call it before [`node_interop`](Self::node_interop), which compares the two prefixes.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        self.set(|settings| settings.prefix = prefix.into())
    }

    /// Adds the servers of this cluster to a cluster of Node.js servers. Inter-server events, with or without an
    /// acknowledgement, are exchanged with servers that use
    /// [`@socket.io/redis-adapter`](https://socket.io/docs/v4/redis-adapter/) on the same Redis. Events of
    /// `@socket.io/redis-emitter` are received as well. `prefix` is the prefix of the Node.js servers, `socket.io`
    /// unless they set another.
    ///
    /// Call this method on every server of this cluster. Only inter-server events are exchanged: Node.js servers do not
    /// see the sockets of this cluster. Events are sent as JSON, which has no form for binary data. A Node.js server
    /// without a listener never answers an acknowledgement, so the request waits for its timeout. A Node.js server
    /// receives no answer to an event that was rejected here, unless the event's acknowledgement is a `Result`.
    ///
    /// See also the guide to [services on Node](crate::guide::inter_server_events#services-on-node).
    ///
    /// # Errors
    ///
    /// Returns [`ClusterError::Interop`] if the engine is not Redis, or if `prefix` is the cluster's own prefix: the
    /// two protocols cannot share channels.
    pub fn node_interop(self, prefix: impl Into<String>) -> Result<Self, ClusterError> {
        self.node_members(prefix.into(), InteropProtocol::Classic)
    }

    /// Does the same as [`node_interop`](Self::node_interop) for Node.js servers that use the
    /// [sharded adapter](https://socket.io/docs/v4/redis-adapter/#with-redis-sharded-pubsub), which requires Redis 7 or
    /// later.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`node_interop`](Self::node_interop), and [`ClusterError::Interop`] for
    /// `redis-cluster://`: the server is connected to one Redis node only, which does not serve the channels of every
    /// shard.
    pub fn node_interop_sharded(self, prefix: impl Into<String>) -> Result<Self, ClusterError> {
        self.node_members(prefix.into(), InteropProtocol::Sharded)
    }

    fn node_members(self, prefix: String, protocol: InteropProtocol) -> Result<Self, ClusterError> {
        let config = InteropConfig { prefix, protocol };
        self.engine
            .check_interop(&config)
            .map_err(|reason| ClusterError::Interop { reason })?;
        if config.prefix == self.settings.prefix {
            let reason = format!(
                "the prefix `{}` is used by both this cluster and the Node.js servers; set another one with `Cluster::prefix`",
                config.prefix
            );
            return Err(ClusterError::Interop { reason });
        }
        Ok(self.set(|settings| settings.interop = Some(config)))
    }

    /// Sets the maximum time to wait for other servers' answers; 5 s by default.
    #[must_use]
    pub fn request_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.request_timeout = timeout)
    }

    /// Sets the interval of this server's heartbeats, and the time without a heartbeat after which a server counts as
    /// gone; 5 s and 15 s by default.
    #[must_use]
    pub fn heartbeat(self, interval: Duration, expiry: Duration) -> Self {
        self.set(|settings| {
            settings.heartbeat = interval;
            settings.expiry = expiry;
        })
    }

    /// Changes the settings. A started engine keeps its settings, so this drops it and it is started again.
    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(&mut self.settings);
        self.state = None;
        self
    }

    /// Returns the started engine, and starts it if necessary. Requires a tokio runtime, except for `memory://`.
    pub(crate) fn start(&self) -> Arc<ClusterState> {
        if let Some(state) = &self.state {
            return state.clone();
        }
        let health = Arc::new(Health::new(self.engine.is_in_memory()));
        let engine = self.engine.start(&self.settings, &health);
        ClusterState::new(engine, self.settings.clone(), health)
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self::memory()
    }
}

impl fmt::Debug for Cluster {
    // The engine is left out because its URL may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
