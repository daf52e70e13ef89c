//! What holds a socket's events back until its `connected` hook has run.

use std::sync::{Mutex, MutexGuard};

use crate::{support::one_shot::OneShotEvent, wire::message::Message};

type Waiting = Vec<(Message<'static>, Option<i64>)>;

/// What becomes of an event at the gate.
pub(crate) enum Admitted {
    /// It may be dispatched.
    Now(Message<'static>),
    /// It waits.
    Later,
    /// Too many others wait.
    Never(Message<'static>),
}

/// Holds a socket's events back until its `connected` hook has run.
#[derive(Default)]
pub(crate) struct PendingEvents {
    pub(crate) opened: OneShotEvent,
    waiting: Mutex<Waiting>,
}

impl PendingEvents {
    /// How many events may wait; a client that sends more while its `connected` hook runs has them rejected.
    const CAPACITY: usize = 1024;

    /// Gives the event back if it may be dispatched now or cannot be kept, otherwise keeps it.
    pub(crate) fn admit(&self, message: Message<'static>, ack_id: Option<i64>) -> Admitted {
        if self.is_open() {
            return Admitted::Now(message);
        }
        let mut waiting = self.waiting();
        // It may have been opened since; under the lock it is certain.
        if self.is_open() {
            return Admitted::Now(message);
        }
        if waiting.len() == Self::CAPACITY {
            return Admitted::Never(message);
        }
        waiting.push((message, ack_id));
        Admitted::Later
    }

    /// Dispatches what has waited, in order, until nothing is left; from then on events pass.
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

    /// Lets go of what waits for a hook that has failed.
    pub(crate) fn discard(&self) {
        let mut waiting = self.waiting();
        *waiting = Waiting::new();
        self.opened.mark();
        drop(waiting);
        self.opened.wake();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.opened.is_set()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
