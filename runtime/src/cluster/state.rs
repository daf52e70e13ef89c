//! The cluster of a running server.

use std::sync::Arc;

use serde::Serialize;

use super::{
    engine::{Engine, health::Health},
    settings::Settings,
};
use crate::upstream::{engine_adapter::AdapterFactory, namespaces::Namespaces};

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
    Disconnected {
        /// Since how many seconds, or since the start.
        seconds: u64,
        /// Why, as far as it is known. It may name hosts, and is not part of the JSON.
        #[serde(skip)]
        problem: String,
    },
}

/// The engine at work, and the namespaces that use it.
pub(crate) struct ClusterState {
    pub(crate) namespaces: Arc<Namespaces>,
    /// `None` if there are no other servers.
    pub(crate) engine: Option<Arc<dyn Engine>>,
    pub(crate) settings: Settings,
    pub(crate) health: Arc<Health>,
}

impl ClusterState {
    /// That of a server alone.
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

    /// State of the connection to the engine.
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

    /// Number of messages to or from other servers that were lost.
    pub(crate) fn dropped_messages(&self) -> u64 {
        self.health.dropped_messages()
    }

    /// Ends the connections to the engine.
    pub(crate) async fn end(&self) {
        self.health.ended.set();
        if let Some(engine) = &self.engine {
            engine.end().await;
        }
    }
}
