//! A client that does not read what it is sent.
//!
//! The engine learns that its heartbeat is not answered, but what waits for such a client's connection waits for ever, and
//! with it the news that the client is gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

/// How much has to be taken in that time, in bytes.
const LEAST: usize = 16 * 1024;

/// Watches a connection that has not taken all that it is sent.
pub(crate) struct WriteStall {
    patience: Duration,
    /// Until when it has to take more, and how much it has taken, if it did not take all at once.
    waiting: Option<Box<Waiting>>,
    /// Until when a client that polls has to poll.
    idle: Option<Pin<Box<Sleep>>>,
}

struct Waiting {
    end: Pin<Box<Sleep>>,
    taken: usize,
}

impl WriteStall {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            waiting: None,
            idle: None,
        }
    }

    /// Notes that it takes nothing for now.
    pub(crate) fn begin(&mut self) {
        if self.waiting.is_none() {
            self.waiting = Some(Box::new(Waiting {
                end: Box::pin(tokio::time::sleep(self.patience)),
                taken: 0,
            }));
        }
    }

    /// Notes that it has taken so many bytes.
    pub(crate) fn advance(&mut self, bytes: usize) {
        if let Some(waiting) = &mut self.waiting {
            waiting.taken += bytes;
        }
    }

    /// Notes that it has taken all.
    pub(crate) fn end(&mut self) {
        self.waiting = None;
    }

    /// Ready when it has taken too little for too long.
    pub(crate) fn poll_stuck(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(waiting) = &mut self.waiting else {
            return Poll::Pending;
        };
        while waiting.end.as_mut().poll(context).is_ready() {
            if waiting.taken < LEAST {
                return Poll::Ready(());
            }
            waiting.taken = 0;
            waiting.end.as_mut().reset(Instant::now() + self.patience);
        }
        Poll::Pending
    }

    /// Ready when a client could have polled for too long and has not.
    pub(crate) fn poll_idle(
        &mut self,
        since: Option<Instant>,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(end) = since.and_then(|since| since.checked_add(self.patience)) else {
            self.idle = None;
            return Poll::Pending;
        };
        let idle = self
            .idle
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        if idle.deadline() != end {
            idle.as_mut().reset(end);
        }
        idle.as_mut().poll(context)
    }
}
