//! The other servers of the cluster.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::contract::server_id::ServerId;

/// The other servers, with the time of the last message from each.
#[derive(Default)]
pub(crate) struct Members(Mutex<HashMap<ServerId, Member>>);

struct Member {
    last_seen: Instant,
    presence: Presence,
}

#[derive(Clone, Copy, PartialEq)]
enum Presence {
    There,
    /// The server did not answer. It may be gone, or only slow.
    Silent,
    /// The server has sent `Bye`. Messages that it sent earlier may arrive later and do not bring it back: a server's
    /// id is never reused.
    Left,
}

impl Members {
    /// Records a message from a server.
    pub(crate) fn note_message(&self, node: ServerId) {
        let mut members = self.lock();
        let known = members.get(&node).map(|member| member.presence);
        if known != Some(Presence::Left) {
            let (last_seen, presence) = (Instant::now(), Presence::There);
            members.insert(
                node,
                Member {
                    last_seen,
                    presence,
                },
            );
        }
    }

    /// Records that a server has left.
    pub(crate) fn left(&self, node: ServerId) {
        let (last_seen, presence) = (Instant::now(), Presence::Left);
        self.lock().insert(
            node,
            Member {
                last_seen,
                presence,
            },
        );
    }

    /// Ignores a server until the next message from it.
    pub(crate) fn mark_silent(&self, node: ServerId) {
        if let Some(member) = self.lock().get_mut(&node)
            && member.presence == Presence::There
        {
            member.presence = Presence::Silent;
        }
    }

    /// Removes the servers that have sent nothing for `expiry`.
    pub(crate) fn expire(&self, expiry: Duration) {
        self.lock().retain(|node, member| {
            let is_known = member.last_seen.elapsed() < expiry;
            if !is_known && member.presence != Presence::Left {
                tracing::info!(server = %node, "server removed from the cluster: no heartbeat");
            }
            is_known
        });
    }

    pub(crate) fn count(&self) -> usize {
        let members = self.lock();
        let is_there = |member: &&Member| member.presence == Presence::There;
        members.values().filter(is_there).count()
    }

    pub(crate) fn all(&self) -> HashSet<ServerId> {
        self.those(|presence| presence == Presence::There)
    }

    /// Returns all servers that have not left, including those that did not answer.
    pub(crate) fn not_left(&self) -> HashSet<ServerId> {
        self.those(|presence| presence != Presence::Left)
    }

    pub(crate) fn has_left(&self, node: ServerId) -> bool {
        let members = self.lock();
        members
            .get(&node)
            .is_some_and(|member| member.presence == Presence::Left)
    }

    fn those(&self, are_meant: impl Fn(Presence) -> bool) -> HashSet<ServerId> {
        let members = self.lock();
        let meant = members.iter().filter(|(_, it)| are_meant(it.presence));
        meant.map(|(node, _)| *node).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ServerId, Member>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::Uid;

    use super::*;

    #[test]
    fn silent_server_may_return() {
        let (members, node) = (Members::default(), ServerId::from(Uid::new()));
        members.note_message(node);
        members.mark_silent(node);
        assert_eq!((members.count(), members.all().len()), (0, 0));
        assert!(members.not_left().contains(&node));
        members.note_message(node);
        assert!(members.all().contains(&node));
        members.left(node);
        members.mark_silent(node);
        assert!(members.has_left(node) && members.not_left().is_empty());
    }

    #[test]
    fn late_message_does_not_restore_a_server_that_left() {
        let (members, node) = (Members::default(), ServerId::from(Uid::new()));
        members.note_message(node);
        assert_eq!(members.all().len(), 1);
        members.left(node);
        members.note_message(node);
        assert_eq!(members.all().len(), 0);
        // A server that has left is not kept for ever.
        members.expire(Duration::ZERO);
        assert!(members.lock().is_empty());
    }
}
