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

/// Which servers belong together, and what carries their messages.
///
/// | URL | engine | cargo feature |
/// | --- | --- | --- |
/// | `memory://` | this server alone; nothing to install | |
/// | `redis://[user:password@]host[:port][/db]` | Redis or Valkey, by publish and subscribe | `redis` |
/// | `redis-sentinel://…?sentinelServiceName=name[&node=host:port]…[&sentinelUsername=…&sentinelPassword=…]` | the Redis that its sentinels say leads | `redis` |
/// | `redis-cluster://…[?node=host:port]…` | Redis Cluster | `redis` |
/// | `rediss://`, `rediss-sentinel://`, `rediss-cluster://` | the same, with TLS | `redis` |
/// | `postgres://[user:password@]host[:port]/database` | PostgreSQL, by `NOTIFY` and `LISTEN` | `postgres` |
///
/// Underneath are socketioxide's own adapters
/// ([redis](https://docs.rs/socketioxide-redis), [postgres](https://docs.rs/socketioxide-postgres)), on channels that begin with the cluster's
/// [`prefix`](Self::prefix).
///
/// # When the engine is away
/// A server goes on alone: its own sockets have every event, and what goes to other servers is lost and counted
/// ([`dropped_messages`](crate::ClusterHandle::dropped_messages)). When the engine is back, so are the other servers, without a restart.
///
/// ```
/// use sio_types::Cluster;
///
/// let cluster = Cluster::from_url("memory://")?;
/// # Ok::<(), sio_types::ClusterError>(())
/// ```
#[derive(Clone)]
pub struct Cluster {
    engine: Arc<dyn EngineConfig>,
    settings: Settings,
    /// The engine at work, once it is.
    state: Option<Arc<ClusterState>>,
}

impl Cluster {
    /// This server alone.
    pub fn memory() -> Self {
        Self::new(engine::memory())
    }

    /// A cluster whose messages this engine carries.
    pub(crate) fn new(engine: Arc<dyn EngineConfig>) -> Self {
        Self {
            engine,
            settings: Settings::default(),
            state: None,
        }
    }

    /// Reads the engine from a URL. Nothing is connected yet: a server that is built with it connects in the
    /// background, and works alone until it is. To know that the engine is there, [`connect`](Self::connect).
    ///
    /// # Errors
    /// [`ClusterError`] for a scheme that is unknown or whose feature is off, and for a URL that the engine does not
    /// understand.
    pub fn from_url(url: &str) -> Result<Self, ClusterError> {
        Ok(Self::new(engine::parse(url)?))
    }

    /// Reads the engine from a URL and connects to it, which may take 5 s.
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url), and [`ClusterError::Unreachable`] if there is no connection by then.
    pub async fn connect(url: &str) -> Result<Self, ClusterError> {
        Self::from_url(url)?
            .connect_timeout(Duration::from_secs(5))
            .await
    }

    /// Connects to the engine, and gives up after a time.
    ///
    /// # Errors
    /// [`ClusterError::Unreachable`] if there is no connection by then.
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

    /// What the names of channels and tables begin with; `sio-types` unless set. Servers of different applications
    /// on one engine need different ones. To be set before [`node_interop`](Self::node_interop), which compares it.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        self.set(|settings| settings.prefix = prefix.into())
    }

    /// Makes this a member among Node's servers: inter-server events, also with acknowledgements, go to and come from
    /// those that use [`@socket.io/redis-adapter`](https://socket.io/docs/v4/redis-adapter/) on the same Redis, and come
    /// from `@socket.io/redis-emitter`. `prefix` is theirs, `socket.io` unless they set another.
    ///
    /// All servers of the cluster have to have it. Events of sockets do not go that way: Node's servers see none of
    /// ours. What is sent is JSON, which has no form for binary data. One of Node's servers that has no listener never
    /// answers, and is waited for; it in turn hears nothing of an event that was rejected here, unless its
    /// acknowledgement is a `Result`.
    ///
    /// # Errors
    /// [`ClusterError::Interop`] for an engine other than Redis, and for a prefix that is the cluster's own: the two
    /// speak differently on the same channels.
    pub fn node_interop(self, prefix: impl Into<String>) -> Result<Self, ClusterError> {
        self.node_members(prefix.into(), InteropProtocol::Classic)
    }

    /// As [`node_interop`](Self::node_interop), with Node's servers that use the
    /// [sharded adapter](https://socket.io/docs/v4/redis-adapter/#with-redis-sharded-pubsub), for which it takes
    /// Redis 7 or later.
    ///
    /// # Errors
    /// As [`node_interop`](Self::node_interop), and for `redis-cluster://`: of the nodes this cluster is connected to
    /// one, which is not that of each shard.
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
                "`{}` is the prefix of both this cluster and Node's servers; set another with `prefix`",
                config.prefix
            );
            return Err(ClusterError::Interop { reason });
        }
        Ok(self.set(|settings| settings.interop = Some(config)))
    }

    /// How long to wait for other servers' answers; 5 s unless set.
    #[must_use]
    pub fn request_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.request_timeout = timeout)
    }

    /// How often a server says that it is there, and how long it is believed to be there without; 5 s and 15 s unless
    /// set.
    #[must_use]
    pub fn heartbeat(self, interval: Duration, expiry: Duration) -> Self {
        self.set(|settings| {
            settings.heartbeat = interval;
            settings.expiry = expiry;
        })
    }

    /// What is at work has the settings that it was started with: it is started anew.
    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(&mut self.settings);
        self.state = None;
        self
    }

    /// The engine at work; starts it if it is not. Needs a tokio runtime for all but `memory://`.
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
    // The URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
