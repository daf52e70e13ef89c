//! What a server is at, and how far it is on its way out.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

/// How far a server is on its way out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// No new connections are taken.
    Draining = 1,
    /// No events are taken either, and nobody enters a namespace any more.
    Closing,
    /// The connections are ended.
    Closed,
}

/// What is waited for before a server ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A handler or a `connected` hook that has not finished at once.
    Handler,
    /// One that has begun since the server is draining.
    LateHandler,
    /// A client's acknowledgement.
    Acknowledgement,
    /// A `disconnected` hook.
    Disconnect,
}

const KINDS: usize = 4;

/// What a server is at.
#[derive(Default)]
pub(crate) struct InFlight {
    /// 0 as long as it serves.
    stage: AtomicU8,
    counts: [AtomicUsize; KINDS],
    /// How many handlers have ended since the server is draining.
    finished: AtomicUsize,
    connections: AtomicUsize,
    changed: Notify,
}

/// A piece of work; it is done when this is dropped.
pub(crate) struct InFlightGuard {
    work: Arc<InFlight>,
    kind: Kind,
}

impl InFlight {
    /// Goes on to the next stage; `false` if it was reached already.
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
            // Before looking: what ends between the two is heard of.
            changed.as_mut().enable();
            if self.count(kinds) == 0 {
                return;
            }
            changed.await;
        }
    }

    /// Does something as a piece of work.
    pub(crate) async fn during<T>(self: Arc<Self>, kind: Kind, work: impl Future<Output = T>) -> T {
        let _piece = self.begin(kind);
        work.await
    }

    /// How many clients are connected.
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
