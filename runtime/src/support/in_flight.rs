//! Work in flight on a server, and the stages of its shutdown.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

/// Stage of a server's shutdown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// The server accepts no new connections.
    Draining = 1,
    /// The server also accepts no more events, and no clients into namespaces.
    Closing,
    /// The connections have ended.
    Closed,
}

/// Kinds of work that a shutdown waits for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A handler or a `connected` hook that did not finish at its first poll.
    Handler,
    /// A handler that has started since the server began to drain.
    LateHandler,
    /// A client's acknowledgement.
    Acknowledgement,
    /// A `disconnected` hook.
    Disconnect,
}

const KINDS: usize = 4;

/// Counts the work in flight.
#[derive(Default)]
pub(crate) struct InFlight {
    /// Current stage, or 0 while the server accepts connections.
    stage: AtomicU8,
    counts: [AtomicUsize; KINDS],
    /// Number of handlers that have finished since the server began to drain.
    finished: AtomicUsize,
    connections: AtomicUsize,
    changed: Notify,
}

/// Work in flight, until this is dropped.
pub(crate) struct InFlightGuard {
    work: Arc<InFlight>,
    kind: Kind,
}

impl InFlight {
    /// Advances to a stage; returns `false` if the server has already reached it.
    pub(crate) fn advance(&self, stage: Stage) -> bool {
        let before = self.stage.fetch_max(stage as u8, Ordering::SeqCst);
        before < stage as u8
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.stage.load(Ordering::Relaxed) >= Stage::Draining as u8
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.stage.load(Ordering::Relaxed) >= Stage::Closing as u8
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.stage.load(Ordering::Relaxed) >= Stage::Closed as u8
    }

    pub(crate) fn begin(self: &Arc<Self>, kind: Kind) -> InFlightGuard {
        let kind = match kind {
            Kind::Handler if self.is_draining() => Kind::LateHandler,
            kind => kind,
        };
        self.counts[kind as usize].fetch_add(1, Ordering::SeqCst);
        let work = self.clone();
        InFlightGuard { work, kind }
    }

    pub(crate) fn count(&self, kinds: &[Kind]) -> usize {
        let count = |kind: &Kind| self.counts[*kind as usize].load(Ordering::SeqCst);
        kinds.iter().map(count).sum()
    }

    pub(crate) fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }

    /// Resolves when there is no work of these kinds.
    pub(crate) async fn done(&self, kinds: &[Kind]) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the check, so that no notification is missed.
            changed.as_mut().enable();
            if self.count(kinds) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Runs a future and counts it as work in flight.
    pub(crate) async fn during<T>(self: Arc<Self>, kind: Kind, work: impl Future<Output = T>) -> T {
        let _piece = self.begin(kind);
        work.await
    }

    /// Returns the number of open connections.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn connection_opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        let work = &self.work;
        if matches!(self.kind, Kind::Handler | Kind::LateHandler) && work.is_draining() {
            work.finished.fetch_add(1, Ordering::SeqCst);
        }
        work.counts[self.kind as usize].fetch_sub(1, Ordering::SeqCst);
        if work.is_draining() {
            work.changed.notify_waiters();
        }
    }
}
