//! Events whose handlers have not finished.

use std::sync::{Arc, atomic::Ordering};

use super::Connection;

impl Connection {
    /// Counts a handler that has not finished at its first poll, until the returned value is dropped.
    pub(crate) fn begin_event(self: &Arc<Self>) -> InProgress {
        self.in_progress.fetch_add(1, Ordering::Relaxed);
        InProgress(self.clone())
    }

    pub(super) fn has_too_many_events(&self) -> bool {
        self.in_progress.load(Ordering::Relaxed) >= self.limits.events_in_progress
    }

    /// Returns `true` if events are rejected until some of those in progress have finished.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.is_overloaded.load(Ordering::Relaxed) && self.has_too_many_events()
    }

    /// Starts to reject events, until fewer are in progress.
    pub(crate) fn begin_rejecting(&self) {
        self.is_overloaded.store(true, Ordering::Relaxed);
    }
}

/// Event whose handler has not finished.
pub(crate) struct InProgress(Arc<Connection>);

impl Drop for InProgress {
    fn drop(&mut self) {
        let Self(connection) = self;
        let before = connection.in_progress.fetch_sub(1, Ordering::Relaxed);
        if before == connection.limits.events_in_progress {
            connection.is_overloaded.store(false, Ordering::Relaxed);
            connection.reader.wake();
        }
    }
}
