//! The cluster of a running server.

use std::sync::Arc;

use serde::Serialize;

use super::{
    engine::{Engine, health::Health},
    settings::Settings,
};
use crate::upstream::{engine_adapter::AdapterFactory, namespaces::Namespaces};

/// State of the connection to the [cluster](crate::Cluster)'s engine. See [`Health::engine`](crate::Health::engine).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
#[non_exhaustive]
pub enum EngineState {
    /// There is no engine: the server works alone.
    Memory,
    /// The server exchanges messages with the other servers.
    Connected {
        /// Seconds since the connection was made.
        seconds: u64,
    },
    /// The server works alone until it is connected to the engine again.
    Disconnected {
        /// Seconds since the connection was lost, or since the start.
        seconds: u64,
        /// The reason, as far as it is known. It may contain host names, and is not part of the JSON.
        #[serde(skip)]
        problem: String,
    },
}

/// A started engine, and the namespaces that use it.
pub(crate) struct ClusterState {
    pub(crate) namespaces: Arc<Namespaces>,
    /// `None` if there are no other servers.
    pub(crate) engine: Option<Arc<dyn Engine>>,
    pub(crate) settings: Settings,
    pub(crate) health: Arc<Health>,
}

impl ClusterState {
    /// Creates the state of a server without a cluster.
    pub(crate) fn standalone() -> Arc<Self> {
        Self::new(None, Settings::default(), Arc::new(Health::new(true)))
    }

    pub(crate) fn new(
        engine: Option<Arc<dyn Engine>>,
        settings: Settings,
        health: Arc<Health>,
    ) -> Arc<Self> {
        let factory = engine
            .clone()
            .map(|engine| engine as Arc<dyn AdapterFactory>);
        Arc::new(Self {
            namespaces: Namespaces::new(factory, settings.request_timeout),
            engine,
            settings,
            health,
        })
    }

    /// `true` if there may be other servers.
    pub(crate) fn is_remote(&self) -> bool {
        self.engine.is_some()
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// Returns the state of the connection to the engine.
    pub(crate) fn engine_state(&self) -> EngineState {
        let health = &self.health;
        let seconds = health.lasts().as_secs();
        if !self.is_remote() {
            EngineState::Memory
        } else if health.is_connected() {
            EngineState::Connected { seconds }
        } else {
            let problem = health.problem();
            EngineState::Disconnected { seconds, problem }
        }
    }

    /// Returns the number of messages to or from other servers that were lost.
    pub(crate) fn dropped_messages(&self) -> u64 {
        self.health.dropped_messages()
    }

    /// Closes the connections to the engine.
    pub(crate) async fn end(&self) {
        self.health.ended.set();
        if let Some(engine) = &self.engine {
            engine.end().await;
        }
    }
}
