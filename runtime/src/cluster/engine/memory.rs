//! The engine of a single server, without a cluster.

use std::sync::Arc;

use super::{Engine, EngineConfig, EngineKind, health::Health};
use crate::cluster::settings::Settings;

pub(super) const KIND: EngineKind = EngineKind {
    schemes: &["memory"],
    parse: |_| Ok(Arc::new(Memory)),
};

pub(super) struct Memory;

impl EngineConfig for Memory {
    fn url(&self) -> String {
        "memory://".to_owned()
    }

    fn start(&self, _: &Settings, _: &Arc<Health>) -> Option<Arc<dyn Engine>> {
        None
    }

    fn is_in_memory(&self) -> bool {
        true
    }
}
