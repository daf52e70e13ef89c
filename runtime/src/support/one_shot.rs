//! One-shot event that tasks can wait for.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct OneShotEvent {
    is_set: AtomicBool,
    changed: Notify,
}

impl OneShotEvent {
    /// Sets the event without waking the tasks that wait, for callers that hold a lock.
    pub(crate) fn mark(&self) {
        self.is_set.store(true, Ordering::Release);
    }

    /// Wakes the tasks that wait.
    pub(crate) fn wake(&self) {
        self.changed.notify_waiters();
    }

    pub(crate) fn set(&self) {
        self.mark();
        self.wake();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    pub(crate) async fn wait(&self) {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        // Registered before the check, so that no notification is missed.
        changed.as_mut().enable();
        if !self.is_set() {
            changed.await;
        }
    }
}
