//! Who else is there.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use super::NodeId;

/// The other servers, and when each was last heard of.
#[derive(Default)]
pub(super) struct Members(Mutex<HashMap<NodeId, Instant>>);

impl Members {
    /// Notes that a server is there; `true` if that is new.
    pub(super) fn heard(&self, node: NodeId) -> bool {
        self.lock().insert(node, Instant::now()).is_none()
    }

    pub(super) fn remove(&self, node: NodeId) {
        self.lock().remove(&node);
    }

    /// Forgets those that were not heard of for so long.
    pub(super) fn expire(&self, expiry: Duration) {
        self.lock().retain(|node, heard| {
            let is_there = heard.elapsed() < expiry;
            if !is_there {
                tracing::info!(%node, "a server of the cluster is gone");
            }
            is_there
        });
    }

    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn all(&self) -> HashSet<NodeId> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Instant>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
