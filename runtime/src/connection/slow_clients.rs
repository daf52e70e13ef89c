//! The connections that have not taken what they were sent: those that volatile broadcasts are not for.
//!
//! The engine would keep the last volatile packet of a client that does not read. But to the engine every client takes
//! what it is sent at once, so that here all of them would be kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::Ordering};

use super::connection::Link;
use crate::protocol::Sid;

/// Connections that may have something to take. Nearly always there are none.
#[derive(Default)]
pub(crate) struct Behind(Mutex<Vec<Weak<Link>>>);

impl Behind {
    /// Notes a connection for which something begins to wait.
    pub(crate) fn add(&self, link: &Arc<Link>) {
        if link.is_listed_as_behind().swap(true, Ordering::AcqRel) {
            return;
        }
        let mut links = self.links();
        if links.len() == links.capacity() {
            links.retain(|link| link.upgrade().is_some_and(|link| is_behind(&link)));
        }
        links.push(Arc::downgrade(link));
    }

    /// The ids of the sockets that have not taken what they were sent.
    pub(crate) fn ids(&self) -> Vec<Sid> {
        let mut ids = Vec::new();
        self.links().retain(|link| {
            let Some(link) = link.upgrade().filter(|link| is_behind(link)) else {
                return false;
            };
            ids.extend(link.id());
            true
        });
        ids
    }

    fn links(&self) -> MutexGuard<'_, Vec<Weak<Link>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `true` if something waits for the client. Otherwise the connection is listed anew when something does.
fn is_behind(link: &Link) -> bool {
    if !link.queue().is_empty() {
        return true;
    }
    link.is_listed_as_behind().store(false, Ordering::Release);
    // Something may have begun to wait before it could be listed.
    let is_behind = !link.queue().is_empty();
    is_behind && !link.is_listed_as_behind().swap(true, Ordering::AcqRel)
}
