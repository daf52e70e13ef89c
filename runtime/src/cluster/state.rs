//! What the adapters of all namespaces share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use super::{adapter::ClusterAdapter, bus::Transport, engine::Health};

/// The engine at work.
pub struct ClusterState {
    pub(super) adapters: Adapters,
    pub(super) transport: Transport,
    pub(super) settings: Settings,
    pub(super) health: Arc<Health>,
    namespaces: Mutex<HashMap<String, Weak<ClusterAdapter>>>,
}

/// What makes the adapter of a namespace.
pub(super) enum Adapters {
    Memory,
    #[cfg(feature = "redis")]
    Redis(socketioxide_redis::RedisAdapterCtr<super::engine::redis::RedisDriver>),
    #[cfg(feature = "postgres")]
    Postgres(socketioxide_postgres::PostgresAdapterCtr<super::engine::postgres::PostgresDriver>),
}

/// What the application may set.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// What the names of channels and tables begin with.
    pub(super) prefix: String,
    /// What the channels of Node's servers begin with, where these are members.
    #[cfg(feature = "redis")]
    pub(super) node_prefix: Option<String>,
    /// How long to wait for other servers' answers.
    pub(super) request_timeout: Duration,
    /// How often a server says that it is there.
    pub(super) heartbeat: Duration,
    /// How long a server that says nothing is believed to be there.
    pub(super) expiry: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prefix: "sio-types".to_owned(),
            #[cfg(feature = "redis")]
            node_prefix: None,
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

    pub(super) fn new(
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
            namespaces: Mutex::default(),
        })
    }

    pub(super) fn adapters(&self) -> &Adapters {
        &self.adapters
    }

    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    /// Notes the adapter of a namespace.
    pub(super) fn add(&self, adapter: &Arc<ClusterAdapter>) {
        use socketioxide_core::adapter::CoreAdapter;
        let path = adapter.get_local().path().to_string();
        self.namespaces().insert(path, Arc::downgrade(adapter));
    }

    /// The adapter of a namespace that is on this server.
    pub(crate) fn adapter(&self, path: &str) -> Option<Arc<ClusterAdapter>> {
        self.namespaces().get(path)?.upgrade()
    }

    /// Resolves when the other servers' messages for a namespace arrive, or when that takes too long.
    pub(crate) async fn ready(&self, path: &str) {
        let Some(ready) = self.adapter(path).map(|adapter| adapter.ready()) else {
            return;
        };
        if tokio::time::timeout(self.settings.request_timeout, ready)
            .await
            .is_err()
        {
            tracing::warn!(
                namespace = path,
                "a client is let in although other servers cannot be heard"
            );
        }
    }

    fn namespaces(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<ClusterAdapter>>> {
        self.namespaces
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
