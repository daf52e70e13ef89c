//! Who else is there.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use super::NodeId;

/// The other servers, and when each was last heard of.
#[derive(Default)]
pub(super) struct Members(Mutex<HashMap<NodeId, Member>>);

struct Member {
    heard: Instant,
    /// It has said goodbye. What it said before may come after, and does not bring it back: its id is not used again.
    has_left: bool,
}

impl Members {
    /// Notes that a server is there.
    pub(super) fn heard(&self, node: NodeId) {
        let mut members = self.lock();
        let has_left = members.get(&node).is_some_and(|member| member.has_left);
        if !has_left {
            let heard = Instant::now();
            members.insert(node, Member { heard, has_left });
        }
    }

    /// Notes that a server has said goodbye.
    pub(super) fn left(&self, node: NodeId) {
        let (heard, has_left) = (Instant::now(), true);
        self.lock().insert(node, Member { heard, has_left });
    }

    /// Forgets a server until it is heard of.
    pub(super) fn remove(&self, node: NodeId) {
        self.lock().remove(&node);
    }

    /// Forgets those that were not heard of for so long.
    pub(super) fn expire(&self, expiry: Duration) {
        self.lock().retain(|node, member| {
            let is_known = member.heard.elapsed() < expiry;
            if !is_known && !member.has_left {
                tracing::info!(%node, "a server of the cluster is gone");
            }
            is_known
        });
    }

    pub(super) fn count(&self) -> usize {
        let members = self.lock();
        members.values().filter(|member| !member.has_left).count()
    }

    pub(super) fn all(&self) -> HashSet<NodeId> {
        let members = self.lock();
        let there = members.iter().filter(|(_, member)| !member.has_left);
        there.map(|(node, _)| *node).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Member>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use socketioxide_core::Uid;

    use super::*;

    #[test]
    fn what_comes_after_a_goodbye_does_not_bring_a_server_back() {
        let (members, node) = (Members::default(), NodeId::from(Uid::new()));
        members.heard(node);
        assert_eq!(members.all().len(), 1);
        members.left(node);
        members.heard(node);
        assert_eq!(members.all().len(), 0);
        // It is not kept for ever.
        members.expire(Duration::ZERO);
        assert!(members.lock().is_empty());
    }
}
