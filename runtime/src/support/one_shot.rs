//! Something that happens once, and can be waited for.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct OneShotEvent {
    is_set: AtomicBool,
    changed: Notify,
}

impl OneShotEvent {
    /// Marks it, without waking those who wait: for where a lock is held.
    pub(crate) fn mark(&self) {
        self.is_set.store(true, Ordering::Release);
    }

    /// Wakes those who wait.
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
        // Before looking: what happens between the two is heard of.
        changed.as_mut().enable();
        if !self.is_set() {
            changed.await;
        }
    }
}
