//! Backpressure: whether the server may read from the client.

use std::{
    sync::{Arc, atomic::Ordering},
    task::Context,
};

use tokio::sync::futures::Notified;

use super::Connection;

impl Connection {
    /// Returns `true` if one more event may be read.
    pub(crate) fn has_room_for_events(&self) -> bool {
        let is_busy = self.has_too_many_events() && !self.is_overloaded.load(Ordering::Relaxed);
        !is_busy && !self.queue.is_crowded()
    }

    /// Stops reading from the client until the returned value is dropped.
    pub(crate) fn pause(self: &Arc<Self>) -> Pause {
        self.pauses.fetch_add(1, Ordering::AcqRel);
        Pause(self.clone())
    }

    /// Resolves for all callers when the engine has sent everything that it had at the time of the call.
    pub(crate) fn sent(&self) -> Notified<'_> {
        let sent = self.sent.notified();
        self.is_watched.store(true, Ordering::Release);
        sent
    }

    fn is_crowded_for_now(&self) -> bool {
        if !self.queue.is_crowded() {
            return false;
        }
        self.is_held.store(true, Ordering::Release);
        // The engine may have sent the data before it could see `is_held`.
        self.queue.is_crowded()
    }

    /// Registers the task that reads, and returns whether it may continue.
    pub(crate) fn reading(&self, context: &Context<'_>) -> Reading {
        self.reader.register(context.waker());
        if self.is_closed() {
            Reading::Closed
        } else if self.pauses.load(Ordering::Acquire) > 0 || self.is_crowded_for_now() {
            Reading::Paused
        } else if self.has_too_many_events() && !self.is_overloaded() {
            Reading::Overloaded
        } else {
            Reading::Open
        }
    }
}

/// State of reading from a client's connection.
pub(crate) enum Reading {
    Open,
    Paused,
    /// Too many events are in progress.
    Overloaded,
    Closed,
}

/// Pause in reading from a client's connection, on behalf of one of its sockets.
pub(crate) struct Pause(Arc<Connection>);

impl Drop for Pause {
    fn drop(&mut self) {
        if self.0.pauses.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.reader.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::connection::registry::ConnectionRegistry;

    #[tokio::test]
    async fn every_waiter_is_notified_when_the_engine_is_idle() {
        let connection = Arc::<ConnectionRegistry>::default().begin(None);
        let both = futures_util::future::join(connection.sent(), connection.sent());
        connection.note_engine_is_idle();
        let limit = std::time::Duration::from_secs(5);
        let notified = tokio::time::timeout(limit, both).await;
        notified.expect("both are notified");
        assert!(connection.sent().now_or_never().is_none());
    }

    #[test]
    fn reading_resumes_after_the_last_pause() {
        let connection = Arc::<ConnectionRegistry>::default().begin(None);
        let is_paused = || {
            let context = Context::from_waker(std::task::Waker::noop());
            matches!(connection.reading(&context), Reading::Paused)
        };
        let (first, second) = (connection.pause(), connection.pause());
        drop(first);
        assert!(is_paused());
        drop(second);
        assert!(!is_paused());
    }
}
