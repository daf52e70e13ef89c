//! The connections that have not taken what they were sent: those that volatile broadcasts are not for.
//!
//! The engine would keep the last volatile packet of a client that does not read. But to the engine every client takes
//! what it is sent at once, so that here all of them would be kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use socketioxide_core::Sid;

use super::link::Link;

/// Connections that may have something to take. Nearly always there are none.
#[derive(Default)]
pub(crate) struct Behind(Mutex<Vec<Weak<Link>>>);

impl Behind {
    /// Notes a connection for which something begins to wait.
    pub(super) fn add(&self, link: &Arc<Link>) {
        let mut links = self.links();
        // A connection that falls behind again and again is not to fill the list.
        if links.len() == links.capacity() {
            links.retain(|link| link.upgrade().is_some_and(|link| !link.queue().is_empty()));
        }
        links.push(Arc::downgrade(link));
    }

    /// The ids of the sockets that have not taken what they were sent.
    pub(crate) fn ids(&self) -> Vec<Sid> {
        let mut ids = Vec::new();
        self.links().retain(|link| {
            let Some(link) = link.upgrade().filter(|link| !link.queue().is_empty()) else {
                return false;
            };
            ids.extend(link.id());
            true
        });
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn links(&self) -> MutexGuard<'_, Vec<Weak<Link>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
