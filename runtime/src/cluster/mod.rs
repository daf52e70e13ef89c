//! The engine that connects the servers of one application, chosen at run time.

pub(crate) mod bus;
pub(crate) mod engine;
pub(crate) mod error;
pub(crate) mod handle;
#[cfg(feature = "redis")]
pub(crate) mod interop;
pub(crate) mod question;
pub(crate) mod state;
pub(crate) mod url;

use std::{fmt, sync::Arc, time::Duration};

use error::ClusterError;

use state::ClusterState;

#[cfg(feature = "testing")]
use engine::Health;

use bus::transport::Transport;
#[cfg(not(feature = "testing"))]
use engine::Health;
use state::{Adapters, Settings};

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
/// | `mongodb://[user:password@]host[:port]/database`, `mongodb+srv://…` | MongoDB, by change streams, which take a replica set; compiled, and not proved against a server by our tests | `mongodb` |
///
/// Underneath are socketioxide's own adapters
/// ([redis](https://docs.rs/socketioxide-redis), [postgres](https://docs.rs/socketioxide-postgres),
/// [mongodb](https://docs.rs/socketioxide-mongodb)), on channels that begin with the cluster's
/// [`prefix`](Self::prefix).
///
/// # When the engine is away
/// A server goes on alone: its own sockets have every event, and what goes to other servers is lost and counted
/// ([`lost`](ClusterHandle::lost)). When the engine is back, so are the other servers, without a restart.
///
/// ```
/// use sio_types::Cluster;
///
/// let cluster = Cluster::from_url("memory://")?;
/// # Ok::<(), sio_types::ClusterError>(())
/// ```
#[derive(Clone)]
pub struct Cluster {
    engine: Engine,
    settings: Settings,
    /// The engine at work, once it is.
    state: Option<Arc<ClusterState>>,
}

#[derive(Clone)]
enum Engine {
    Memory,
    #[cfg(feature = "testing")]
    Hub(Arc<engine::hub::Exchange>),
    #[cfg(feature = "redis")]
    Redis {
        url: String,
        servers: Arc<engine::redis::Servers>,
    },
    #[cfg(feature = "mongodb")]
    Mongo {
        url: String,
        parsed: Box<::mongodb::options::ConnectionString>,
    },
    #[cfg(feature = "postgres")]
    Postgres {
        url: String,
        options: Box<engine::postgres::PgConnectOptions>,
    },
}

impl Engine {
    /// Whether it needs no connection.
    fn is_in_memory(&self) -> bool {
        match self {
            Self::Memory => true,
            #[cfg(feature = "testing")]
            Self::Hub(_) => true,
            #[cfg(any(feature = "mongodb", feature = "postgres", feature = "redis"))]
            _ => false,
        }
    }

    /// The URL, without its password.
    fn url(&self) -> String {
        match self {
            Self::Memory => "memory://".to_owned(),
            #[cfg(feature = "testing")]
            Self::Hub(_) => "memory://".to_owned(),
            #[cfg(feature = "redis")]
            Self::Redis { url, .. } => url::without_password(url),
            #[cfg(feature = "mongodb")]
            Self::Mongo { url, .. } => url::without_password(url),
            #[cfg(feature = "postgres")]
            Self::Postgres { url, .. } => url::without_password(url),
        }
    }
}

impl Cluster {
    /// This server alone.
    pub fn memory() -> Self {
        Self::new(Engine::Memory)
    }

    /// One of the servers of a hub.
    #[cfg(feature = "testing")]
    pub(crate) fn hub(exchange: Arc<engine::hub::Exchange>) -> Self {
        Self::new(Engine::Hub(exchange))
    }

    fn new(engine: Engine) -> Self {
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
        let engine = match url::scheme(url)? {
            "memory" => Engine::Memory,
            #[cfg(feature = "redis")]
            "redis" | "rediss" | "redis-sentinel" | "rediss-sentinel" | "redis-cluster"
            | "rediss-cluster" => {
                let servers = engine::redis::Servers::from_url(url);
                Engine::Redis {
                    servers: Arc::new(servers.map_err(|error| ClusterError::url(url, &error))?),
                    url: url.to_owned(),
                }
            }
            #[cfg(feature = "mongodb")]
            "mongodb" | "mongodb+srv" => {
                let parsed = engine::mongodb::parse(url);
                Engine::Mongo {
                    parsed: Box::new(parsed.map_err(|error| ClusterError::url(url, &error))?),
                    url: url.to_owned(),
                }
            }
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                let options = url.parse();
                let error = |error: engine::postgres::Error| ClusterError::url(url, &error);
                Engine::Postgres {
                    options: Box::new(options.map_err(error)?),
                    url: url.to_owned(),
                }
            }
            scheme => return Err(url::unknown(scheme)),
        };
        Ok(Self::new(engine))
    }

    /// Reads the engine from a URL and connects to it, which may take 5 s.
    ///
    /// # Errors
    /// As [`from_url`](Self::from_url), and [`ClusterError::Unreachable`] if there is no connection by then.
    pub async fn connect(url: &str) -> Result<Self, ClusterError> {
        Self::from_url(url)?.connected(Duration::from_secs(5)).await
    }

    /// Connects to the engine, and gives up after a time.
    ///
    /// # Errors
    /// [`ClusterError::Unreachable`] if there is no connection by then.
    pub async fn connected(mut self, patience: Duration) -> Result<Self, ClusterError> {
        let state = self.start();
        if tokio::time::timeout(patience, state.health.wait())
            .await
            .is_err()
        {
            return Err(ClusterError::Unreachable {
                url: self.engine.url(),
                patience,
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
    #[cfg(feature = "redis")]
    pub fn node_interop(self, prefix: impl Into<String>) -> Result<Self, ClusterError> {
        self.node_members(prefix.into(), interop::Dialect::Classic)
    }

    /// As [`node_interop`](Self::node_interop), with Node's servers that use the
    /// [sharded adapter](https://socket.io/docs/v4/redis-adapter/#with-redis-sharded-pubsub), for which it takes
    /// Redis 7 or later.
    ///
    /// # Errors
    /// As [`node_interop`](Self::node_interop), and for `redis-cluster://`: of the nodes this cluster is connected to
    /// one, which is not that of each shard.
    #[cfg(feature = "redis")]
    pub fn node_interop_sharded(self, prefix: impl Into<String>) -> Result<Self, ClusterError> {
        self.node_members(prefix.into(), interop::Dialect::Sharded)
    }

    #[cfg(feature = "redis")]
    fn node_members(self, prefix: String, dialect: interop::Dialect) -> Result<Self, ClusterError> {
        let refused = |reason: String| Err(ClusterError::Interop { reason });
        let Engine::Redis { servers, .. } = &self.engine else {
            return refused("Node's servers are reached by Redis alone".to_owned());
        };
        if dialect == interop::Dialect::Sharded && servers.is_cluster() {
            return refused(
                "the sharded adapter of Node's servers is not reached by `redis-cluster://`; let them use the other \
                 one, with `node_interop`"
                    .to_owned(),
            );
        }
        if prefix == self.settings.prefix {
            return refused(format!(
                "`{prefix}` is the prefix of both this cluster and Node's servers; set another with `prefix`"
            ));
        }
        let members = interop::NodeMembers { prefix, dialect };
        Ok(self.set(|settings| settings.node_members = Some(members)))
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
        let (adapters, transport) = match &self.engine {
            Engine::Memory => (Adapters::Memory, Transport::Memory),
            #[cfg(feature = "testing")]
            Engine::Hub(exchange) => hub(exchange.clone(), &self.settings, health.clone()),
            #[cfg(feature = "redis")]
            Engine::Redis { servers, .. } => redis(servers.clone(), &self.settings, health.clone()),
            #[cfg(feature = "mongodb")]
            Engine::Mongo { parsed, .. } => {
                mongodb((**parsed).clone(), &self.settings, health.clone())
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres { options, .. } => {
                postgres((**options).clone(), &self.settings, health.clone())
            }
        };
        ClusterState::new(adapters, transport, self.settings.clone(), health)
    }
}

#[cfg(feature = "testing")]
fn hub(
    exchange: Arc<engine::hub::Exchange>,
    settings: &Settings,
    health: Arc<Health>,
) -> (Adapters, Transport) {
    use socketioxide_redis::{RedisAdapterConfig, RedisAdapterCtr};
    let driver = engine::hub::HubDriver::new(exchange, health);
    let config = RedisAdapterConfig::new()
        .with_prefix(settings.prefix.clone())
        .with_request_timeout(settings.request_timeout);
    let constructor = RedisAdapterCtr::new_with_driver(driver.clone(), config);
    (Adapters::Hub(constructor), Transport::Hub(driver))
}

#[cfg(feature = "redis")]
fn redis(
    servers: Arc<engine::redis::Servers>,
    settings: &Settings,
    health: Arc<Health>,
) -> (Adapters, Transport) {
    use socketioxide_redis::{RedisAdapterConfig, RedisAdapterCtr};
    let driver = engine::redis::RedisDriver::start(servers, health);
    let config = RedisAdapterConfig::new()
        .with_prefix(settings.prefix.clone())
        .with_request_timeout(settings.request_timeout);
    let constructor = RedisAdapterCtr::new_with_driver(driver.clone(), config);
    (Adapters::Redis(constructor), Transport::Redis(driver))
}

#[cfg(feature = "mongodb")]
fn mongodb(
    url: ::mongodb::options::ConnectionString,
    settings: &Settings,
    health: Arc<Health>,
) -> (Adapters, Transport) {
    use socketioxide_mongodb::{MongoDbAdapterConfig, MongoDbAdapterCtr};
    let collection = format!("{}-messages", settings.prefix);
    let driver = engine::mongodb::MongoDriver::start(url, collection, health);
    let config = MongoDbAdapterConfig::new()
        .with_hb_interval(settings.heartbeat)
        .with_hb_timeout(settings.expiry)
        .with_request_timeout(settings.request_timeout);
    let constructor = MongoDbAdapterCtr::new_with_driver(driver.clone(), config);
    (Adapters::Mongo(constructor), Transport::Mongo(driver))
}

#[cfg(feature = "postgres")]
fn postgres(
    options: engine::postgres::PgConnectOptions,
    settings: &Settings,
    health: Arc<Health>,
) -> (Adapters, Transport) {
    use socketioxide_postgres::{PostgresAdapterConfig, PostgresAdapterCtr};
    let driver = engine::postgres::PostgresDriver::start(options, health);
    let table = settings.prefix.replace('-', "_");
    let config = PostgresAdapterConfig::new()
        .with_prefix(settings.prefix.clone())
        .with_table_name(format!("{table}_attachments"))
        .with_hb_interval(settings.heartbeat)
        .with_hb_timeout(settings.expiry)
        .with_request_timeout(settings.request_timeout);
    let constructor = PostgresAdapterCtr::new_with_driver(driver.clone(), config);
    let table = format!("{table}_bus");
    let transport = Transport::Postgres(bus::transport::postgres::Postgres { driver, table });
    (Adapters::Postgres(constructor), transport)
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
