//! Sockets whose `disconnected` hook still runs.
//!
//! The hook of one socket and the connection of the next are kept apart: a client that comes back on the same
//! connection has the same id, and whoever says good-bye to the first would otherwise say it to the second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{protocol::Sid, support::one_shot::OneShotEvent};

/// How long a client may be kept waiting by the hook of its last socket.
const TIMEOUT: Duration = Duration::from_secs(10);

type Key = (Sid, String);

#[derive(Default)]
pub(crate) struct PendingDisconnects(Mutex<HashMap<Key, Arc<OneShotEvent>>>);

/// One of them; it is over when this is dropped.
pub(crate) struct PendingDisconnect {
    pending_disconnects: Arc<PendingDisconnects>,
    key: Key,
    over: Arc<OneShotEvent>,
}

impl PendingDisconnects {
    pub(crate) fn begin(self: &Arc<Self>, socket: Sid, path: &str) -> PendingDisconnect {
        let key = (socket, path.to_owned());
        let over = Arc::<OneShotEvent>::default();
        self.lock().insert(key.clone(), over.clone());
        PendingDisconnect {
            pending_disconnects: self.clone(),
            key,
            over,
        }
    }

    /// Waits until the last socket of this id is gone for good; `false` if that takes too long.
    pub(crate) async fn wait(&self, socket: Sid, path: &str) -> bool {
        let known = {
            let pending_disconnects = self.lock();
            // Nearly always: nothing is allocated then.
            if pending_disconnects.is_empty() {
                return true;
            }
            pending_disconnects.get(&(socket, path.to_owned())).cloned()
        };
        match known {
            Some(over) => tokio::time::timeout(TIMEOUT, over.wait()).await.is_ok(),
            None => true,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<OneShotEvent>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PendingDisconnect {
    fn drop(&mut self) {
        let mut pending_disconnects = self.pending_disconnects.lock();
        // A client that was kept waiting too long may have left a second time.
        if pending_disconnects
            .get(&self.key)
            .is_some_and(|over| Arc::ptr_eq(over, &self.over))
        {
            pending_disconnects.remove(&self.key);
        }
        drop(pending_disconnects);
        self.over.set();
    }
}
