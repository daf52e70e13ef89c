//! The connections that have not taken what they were sent: those that volatile broadcasts are not for.
//!
//! The engine would keep the last volatile packet of a client that does not read. But to the engine every client takes
//! what it is sent at once, so that here all of them would be kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::Ordering};

use super::connection::Connection;
use crate::protocol::Sid;

/// Connections that may have something to take. Nearly always there are none.
#[derive(Default)]
pub(crate) struct SlowClients(Mutex<Vec<Weak<Connection>>>);

impl SlowClients {
    /// Notes a connection for which something begins to wait.
    pub(crate) fn add(&self, connection: &Arc<Connection>) {
        if connection
            .is_listed_as_behind()
            .swap(true, Ordering::AcqRel)
        {
            return;
        }
        let mut registry = self.registry();
        if registry.len() == registry.capacity() {
            registry.retain(|connection| {
                connection
                    .upgrade()
                    .is_some_and(|connection| is_behind(&connection))
            });
        }
        registry.push(Arc::downgrade(connection));
    }

    /// The ids of the sockets that have not taken what they were sent.
    pub(crate) fn ids(&self) -> Vec<Sid> {
        let mut ids = Vec::new();
        self.registry().retain(|connection| {
            let Some(connection) = connection
                .upgrade()
                .filter(|connection| is_behind(connection))
            else {
                return false;
            };
            ids.extend(connection.id());
            true
        });
        ids
    }

    fn registry(&self) -> MutexGuard<'_, Vec<Weak<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `true` if something waits for the client. Otherwise the connection is listed anew when something does.
fn is_behind(connection: &Connection) -> bool {
    if !connection.queue().is_empty() {
        return true;
    }
    connection
        .is_listed_as_behind()
        .store(false, Ordering::Release);
    // Something may have begun to wait before it could be listed.
    let is_behind = !connection.queue().is_empty();
    is_behind
        && !connection
            .is_listed_as_behind()
            .swap(true, Ordering::AcqRel)
}
