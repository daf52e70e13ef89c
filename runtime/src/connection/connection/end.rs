//! End of a connection: by the client, by the engine, or by the application.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::runtime::Handle;

use super::Connection;
use crate::{connection::polling::Polling, metrics, protocol::DisconnectReason};

/// Metrics label of a connection that ended without ever joining a namespace.
const UNUSED: &str = "no_namespace";

/// Time for which the packets of an ended session are kept, until a client that polls has fetched them with its next
/// poll.
const LINGER: Duration = Duration::from_secs(5);

impl Connection {
    /// Counts the connection as open, once the engine has accepted it.
    pub(crate) fn open(&self) {
        if let Some(registry) = self.registry.upgrade()
            && !self.is_open.swap(true, Ordering::Relaxed)
        {
            registry.in_flight.connection_opened();
            metrics::connection_opened();
        }
    }

    /// Ends the connection on the engine's side. A client that polls may still fetch the last packets, unless the
    /// client has ended the connection (`may_come`).
    pub(crate) fn end_reading(self: &Arc<Self>, may_come: bool) {
        let may_fetch = self.polling().is_some_and(Polling::end);
        if may_come && may_fetch && !self.queue.is_empty() && !self.is_closed() {
            self.linger();
        } else {
            self.queue.clear();
            self.release();
        }
        // For other connections, a namespace is notified of the end and its reason.
        if !self.is_used.load(Ordering::Relaxed) {
            self.note_end(UNUSED);
        }
    }

    /// Ends the connection. The application may keep one of its sockets, and with it this value.
    pub(crate) fn end(&self, reason: &'static str) {
        if !self.is_lingering.load(Ordering::Acquire) {
            self.release();
        }
        self.note_end(reason);
    }

    fn release(&self) {
        if let Some(permit) = &self.permit {
            permit.release();
        }
    }

    fn note_end(&self, reason: &'static str) {
        if self.is_open.swap(false, Ordering::Relaxed)
            && let Some(registry) = self.registry.upgrade()
        {
            registry.in_flight.connection_closed();
            metrics::connection_closed(reason);
        }
    }

    /// Ends the connection without notifying the client, which then reconnects; returns `false` if it has ended before.
    pub(crate) fn close(&self) -> bool {
        let is_first = !self.is_closed.swap(true, Ordering::AcqRel);
        self.wake_stream();
        if let Some(polling) = self.polling() {
            polling.wake_getter();
        }
        is_first
    }

    /// Ends the connection for this reason.
    pub(crate) fn fail(&self, reason: DisconnectReason) {
        // The first reason is the cause.
        let _ = self.end_reason.set(reason);
        self.close();
    }

    /// Returns the reason, if the connection was ended from this side.
    pub(crate) fn end_reason(&self) -> Option<DisconnectReason> {
        self.end_reason.get().copied()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Keeps the session and its address permit for a limited time, so that the client can fetch the last packets.
    fn linger(self: &Arc<Self>) {
        let connection = self.clone();
        if let Ok(runtime) = Handle::try_current() {
            self.is_lingering.store(true, Ordering::Release);
            runtime.spawn(async move {
                let fetched = async {
                    loop {
                        // Created before the check, so that no notification is missed.
                        let sent = connection.sent.notified();
                        if connection.queue.is_empty() {
                            break;
                        }
                        sent.await;
                    }
                };
                let _ = tokio::time::timeout(LINGER, fetched).await;
                connection.queue.clear();
                connection.release();
            });
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A connection may be dropped before anything has noted its end.
        self.note_end(UNUSED);
        if let (Some(polled), Some(registry)) = (&self.polling, self.registry.upgrade()) {
            registry.forget(&polled.lookup);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::registry::ConnectionRegistry;

    #[test]
    fn a_connection_is_ended_once() {
        let connection = Arc::<ConnectionRegistry>::default().begin(None);
        assert!(connection.close());
        assert!(!connection.close());
    }
}
