//! Connections whose clients have not taken everything that was sent. Volatile broadcasts skip them.
//!
//! The engine itself would keep the last volatile packet of a client that does not read. But to the engine every client
//! takes all data immediately, so all volatile packets would be kept here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::Ordering};

use super::connection::Connection;
use crate::protocol::Sid;

/// Connections that may have data waiting. The list is nearly always empty.
#[derive(Default)]
pub(crate) struct SlowClients(Mutex<Vec<Weak<Connection>>>);

impl SlowClients {
    /// Lists a connection when data begins to wait for it.
    pub(crate) fn add(&self, connection: &Arc<Connection>) {
        if connection
            .is_listed_as_behind()
            .swap(true, Ordering::AcqRel)
        {
            return;
        }
        let mut connections = self.connections();
        if connections.len() == connections.capacity() {
            connections.retain(|connection| {
                connection
                    .upgrade()
                    .is_some_and(|connection| is_behind(&connection))
            });
        }
        connections.push(Arc::downgrade(connection));
    }

    /// Returns the ids of the sockets whose clients have not taken everything that was sent.
    pub(crate) fn ids(&self) -> Vec<Sid> {
        let mut ids = Vec::new();
        self.connections().retain(|connection| {
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

    fn connections(&self) -> MutexGuard<'_, Vec<Weak<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns `true` if data waits for the client. Otherwise, the connection is listed again when data begins to wait.
fn is_behind(connection: &Connection) -> bool {
    if !connection.queue().is_empty() {
        return true;
    }
    connection
        .is_listed_as_behind()
        .store(false, Ordering::Release);
    // Data may have begun to wait before the connection could be listed.
    let is_behind = !connection.queue().is_empty();
    is_behind
        && !connection
            .is_listed_as_behind()
            .swap(true, Ordering::AcqRel)
}
