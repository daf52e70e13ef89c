//! Sockets whose `disconnected` hook still runs.
//!
//! A client that reconnects on the same connection keeps its id. Its new socket waits for the hook of the old one;
//! otherwise, a hook that uses the id would affect the new socket.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{protocol::Sid, support::one_shot::OneShotEvent};

/// Maximum time for which a client waits for the hook of its previous socket.
const TIMEOUT: Duration = Duration::from_secs(10);

type Key = (Sid, String);

#[derive(Default)]
pub(crate) struct PendingDisconnects(Mutex<HashMap<Key, Arc<OneShotEvent>>>);

/// Guard of one running hook, which ends when the guard is dropped.
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

    /// Waits for the hook of the previous socket with this id. Returns `false` after the timeout.
    pub(crate) async fn wait(&self, socket: Sid, path: &str) -> bool {
        let known = {
            let pending_disconnects = self.lock();
            // The usual case, in which nothing is allocated.
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
        // If the wait timed out, the client may have left a second time and replaced the entry.
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
