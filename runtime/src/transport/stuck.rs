//! A client that does not read what it is sent.
//!
//! The engine learns that its heartbeat is not answered, but what waits for such a client's connection waits for ever, and
//! with it the news that the client is gone.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

/// How much has to be taken in that time, in bytes.
const LEAST: usize = 16 * 1024;

/// Watches a connection that has not taken all that it is sent.
pub(super) struct Watch {
    patience: Duration,
    /// Until when it has to take more, and how much it has taken, if it did not take all at once.
    waiting: Option<Box<Waiting>>,
}

struct Waiting {
    end: Pin<Box<Sleep>>,
    taken: usize,
    /// Who writes.
    writer: Waker,
}

impl Watch {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            waiting: None,
        }
    }

    /// Notes that it takes nothing for now.
    pub(super) fn begin(&mut self, context: &Context<'_>) {
        match &mut self.waiting {
            Some(waiting) => waiting.writer.clone_from(context.waker()),
            None => {
                self.waiting = Some(Box::new(Waiting {
                    end: Box::pin(tokio::time::sleep(self.patience)),
                    taken: 0,
                    writer: context.waker().clone(),
                }));
            }
        }
    }

    /// Notes that it has taken so many bytes.
    pub(super) fn advance(&mut self, bytes: usize) {
        if let Some(waiting) = &mut self.waiting {
            waiting.taken += bytes;
        }
    }

    /// Notes that it has taken all.
    pub(super) fn end(&mut self) {
        self.waiting = None;
    }

    /// Lets whoever writes go on.
    pub(super) fn release(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.writer.wake();
        }
    }

    /// Ready when it has taken too little for too long.
    pub(super) fn poll_stuck(&mut self, context: &mut Context<'_>) -> Poll<()> {
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
}
