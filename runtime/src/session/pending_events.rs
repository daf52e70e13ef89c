//! Queue for events that arrive before the `connected` hook has run.

use std::sync::{Mutex, MutexGuard};

use crate::{support::one_shot::OneShotEvent, wire::message::Message};

type EventQueue = Vec<(Message<'static>, Option<i64>)>;

/// Outcome of [`PendingEvents::admit`].
pub(crate) enum Admitted {
    /// The event may be dispatched.
    Now(Message<'static>),
    /// The event waits.
    Later,
    /// Too many other events wait.
    Never(Message<'static>),
}

/// Queue that holds back a socket's events until its `connected` hook has run.
#[derive(Default)]
pub(crate) struct PendingEvents {
    pub(crate) opened: OneShotEvent,
    waiting: Mutex<EventQueue>,
}

impl PendingEvents {
    /// Maximum number of waiting events. If a client sends more while its `connected` hook runs, the server rejects
    /// them.
    const CAPACITY: usize = 1024;

    /// Returns the event if it may be dispatched now or the queue is full; otherwise queues it.
    pub(crate) fn admit(&self, message: Message<'static>, ack_id: Option<i64>) -> Admitted {
        if self.is_open() {
            return Admitted::Now(message);
        }
        let mut waiting = self.waiting();
        // Check again under the lock: the queue may have been opened meanwhile.
        if self.is_open() {
            return Admitted::Now(message);
        }
        if waiting.len() == Self::CAPACITY {
            return Admitted::Never(message);
        }
        waiting.push((message, ack_id));
        Admitted::Later
    }

    /// Dispatches the waiting events in order until none is left. From then on, events pass directly.
    pub(crate) fn open(&self, mut dispatch: impl FnMut(Message<'static>, Option<i64>)) {
        loop {
            let batch = {
                let mut waiting = self.waiting();
                if waiting.is_empty() {
                    self.opened.mark();
                    break;
                }
                std::mem::take(&mut *waiting)
            };
            for (message, ack_id) in batch {
                dispatch(message, ack_id);
            }
        }
        self.opened.wake();
    }

    /// Drops the waiting events if the `connected` hook has failed or will not run.
    pub(crate) fn discard(&self) {
        let mut waiting = self.waiting();
        *waiting = EventQueue::new();
        self.opened.mark();
        drop(waiting);
        self.opened.wake();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.opened.is_set()
    }

    fn waiting(&self) -> MutexGuard<'_, EventQueue> {
        self.waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
