//! What the adapters of all namespaces share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use socketioxide_core::{Sid, Value, adapter::CoreAdapter, parser::Parse};

use super::engine::Health;
use crate::{cluster::bus::transport::Transport, upstream::adapter::ClusterAdapter};
use serde::Serialize;

/// How the connection to the [cluster](crate::Cluster)'s engine is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
#[non_exhaustive]
pub enum EngineState {
    /// There is no engine: the server works alone.
    Memory,
    /// Messages go to the other servers and come from them.
    Connected {
        /// Since how many seconds.
        seconds: u64,
    },
    /// The server works alone until the engine is back.
    Away {
        /// Since how many seconds, or since the start.
        seconds: u64,
        /// Why, as far as it is known. It may name hosts, and is not part of the JSON.
        #[serde(skip)]
        problem: String,
    },
}

/// The engine at work.
pub struct ClusterState {
    pub(crate) adapters: Adapters,
    pub(crate) transport: Transport,
    pub(crate) settings: Settings,
    pub(crate) health: Arc<Health>,
    /// Whether the parser writes JSON.
    is_json: AtomicBool,
    namespaces: Mutex<HashMap<String, Weak<ClusterAdapter>>>,
}

/// What makes the adapter of a namespace.
pub(crate) enum Adapters {
    Memory,
    #[cfg(feature = "testing")]
    Hub(socketioxide_redis::RedisAdapterCtr<crate::cluster::engine::hub::HubDriver>),
    #[cfg(feature = "redis")]
    Redis(socketioxide_redis::RedisAdapterCtr<crate::cluster::engine::redis::RedisDriver>),
    #[cfg(feature = "mongodb")]
    Mongo(socketioxide_mongodb::MongoDbAdapterCtr<crate::cluster::engine::mongodb::MongoDriver>),
    #[cfg(feature = "postgres")]
    Postgres(
        socketioxide_postgres::PostgresAdapterCtr<crate::cluster::engine::postgres::PostgresDriver>,
    ),
}

/// What the application may set.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// What the names of channels and tables begin with.
    pub(crate) prefix: String,
    /// Node's servers, where these are members.
    #[cfg(feature = "redis")]
    pub(crate) node_members: Option<super::interop::NodeMembers>,
    /// How long to wait for other servers' answers.
    pub(crate) request_timeout: Duration,
    /// How often a server says that it is there.
    pub(crate) heartbeat: Duration,
    /// How long a server that says nothing is believed to be there.
    pub(crate) expiry: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prefix: "sio-types".to_owned(),
            #[cfg(feature = "redis")]
            node_members: None,
            request_timeout: Duration::from_secs(5),
            heartbeat: Duration::from_secs(5),
            expiry: Duration::from_secs(15),
        }
    }
}

impl ClusterState {
    /// That of a server alone.
    pub(crate) fn alone() -> Arc<Self> {
        let health = Arc::new(Health::new(true));
        Self::new(
            Adapters::Memory,
            Transport::Memory,
            Settings::default(),
            health,
        )
    }

    pub(crate) fn new(
        adapters: Adapters,
        transport: Transport,
        settings: Settings,
        health: Arc<Health>,
    ) -> Arc<Self> {
        Arc::new(Self {
            adapters,
            transport,
            settings,
            health,
            is_json: AtomicBool::new(false),
            namespaces: Mutex::default(),
        })
    }

    /// Notes what the server's parser writes, which socketioxide does not tell.
    pub(crate) fn note_parser(&self, parser: impl Parse) {
        let packet = parser.encode_value(&(), None);
        let is_json = matches!(packet, Ok(Value::Str(..)));
        self.is_json.store(is_json, Ordering::Relaxed);
    }

    /// Whether the server's parser writes JSON, as soon as it has a namespace.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json.load(Ordering::Relaxed)
    }

    pub(crate) fn adapters(&self) -> &Adapters {
        &self.adapters
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// How the connection to the engine is.
    pub(crate) fn engine_state(&self) -> EngineState {
        let health = &self.health;
        let seconds = health.lasts().as_secs();
        if !self.transport.is_remote() {
            EngineState::Memory
        } else if health.is_connected() {
            EngineState::Connected { seconds }
        } else {
            let problem = health.problem();
            EngineState::Away { seconds, problem }
        }
    }

    /// How many messages to or from other servers were lost.
    pub(crate) fn lost(&self) -> u64 {
        self.health.lost()
    }

    /// Ends the connections to the engine.
    pub(crate) async fn end(&self) {
        self.health.ended.set();
        self.transport.end().await;
    }

    /// Notes the adapter of a namespace, in the same order as `register` makes socketioxide know the namespace; the
    /// adapter that was there before, if the namespace was made twice.
    pub(crate) fn add(
        &self,
        adapter: &Arc<ClusterAdapter>,
        register: impl FnOnce(),
    ) -> Option<Arc<ClusterAdapter>> {
        let path = adapter.get_local().path().to_string();
        let mut namespaces = self.namespaces();
        let older = namespaces.insert(path, Arc::downgrade(adapter));
        let older = older.as_ref().and_then(Weak::upgrade);
        adapter.follow(&older);
        register();
        older
    }

    /// The adapter of a namespace that is on this server.
    pub(crate) fn adapter(&self, path: &str) -> Option<Arc<ClusterAdapter>> {
        let adapter = self.namespaces().get(path)?.upgrade()?;
        (!adapter.is_deleted()).then_some(adapter)
    }

    /// Forgets a namespace, at the same moment as `unregister` makes socketioxide forget it. From then on no socket of it
    /// is current.
    pub(crate) fn delete(&self, path: &str, unregister: impl FnOnce()) {
        let mut namespaces = self.namespaces();
        let adapter = namespaces.get(path).and_then(Weak::upgrade);
        match adapter {
            // What other servers send is to be unsubscribed from, and whoever takes the path waits for that.
            Some(adapter) if adapter.delete() => {
                tokio::spawn(adapter.unsubscribe());
            }
            _ => drop(namespaces.remove(path)),
        }
        unregister();
    }

    /// Forgets a deleted adapter, unless another has taken its path.
    pub(crate) fn forget(&self, adapter: &ClusterAdapter) {
        let mut namespaces = self.namespaces();
        let path = adapter.get_local().path().as_str();
        if let Some(known) = namespaces.get(path)
            && std::ptr::eq(known.as_ptr(), adapter)
        {
            namespaces.remove(path);
        }
    }

    /// Whether a socket is in the namespace that socketioxide knows by this path, and not in one that was made at the
    /// same time as that and is lost. The socket is in the room of its own id.
    pub(crate) fn is_current(&self, path: &str, socket: Sid) -> bool {
        self.adapter(path)
            .is_some_and(|adapter| !adapter.get_local().socket_rooms(socket).is_empty())
    }

    /// Resolves when it is sure that a namespace is the one of its path, and the other servers' messages for it
    /// arrive; `false` if that takes too long.
    pub(crate) async fn ready(&self, path: &str) -> bool {
        let Some(ready) = self.adapter(path).and_then(|adapter| adapter.ready()) else {
            return true;
        };
        tokio::time::timeout(self.settings.request_timeout, ready)
            .await
            .is_ok()
    }

    /// The server's line, if it is in a hub.
    #[cfg(feature = "testing")]
    pub(crate) fn hub_driver(&self) -> Option<&crate::cluster::engine::hub::HubDriver> {
        match &self.transport {
            Transport::Hub(driver) => Some(driver),
            _ => None,
        }
    }

    /// The adapters of the namespaces that are on this server.
    #[cfg(feature = "testing")]
    pub(crate) fn every_adapter(&self) -> Vec<Arc<ClusterAdapter>> {
        self.namespaces()
            .values()
            .filter_map(Weak::upgrade)
            .collect()
    }

    fn namespaces(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<ClusterAdapter>>> {
        self.namespaces
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
