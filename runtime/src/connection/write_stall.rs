//! Detects a client that does not read.
//!
//! The engine detects missing heartbeats. But data for such a client would wait in its connection forever, and so would
//! the notification that the client is gone.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

/// Number of bytes that the client has to take per interval.
const LEAST: usize = 16 * 1024;

/// Watches a connection that has not taken all of its data.
pub(crate) struct WriteStall {
    timeout: Duration,
    /// Deadline for taking more data, and the amount taken so far; present if the client did not take everything
    /// immediately.
    waiting: Option<Box<Stall>>,
    /// Deadline for the next poll of a client that polls.
    idle: Option<Pin<Box<Sleep>>>,
}

struct Stall {
    end: Pin<Box<Sleep>>,
    taken: usize,
}

impl WriteStall {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            waiting: None,
            idle: None,
        }
    }

    /// Notes that the client currently takes nothing.
    pub(crate) fn begin(&mut self) {
        if self.waiting.is_none() {
            self.waiting = Some(Box::new(Stall {
                end: Box::pin(tokio::time::sleep(self.timeout)),
                taken: 0,
            }));
        }
    }

    /// Notes that the client has taken this many bytes.
    pub(crate) fn advance(&mut self, bytes: usize) {
        if let Some(waiting) = &mut self.waiting {
            waiting.taken += bytes;
        }
    }

    /// Notes that the client has taken everything.
    pub(crate) fn end(&mut self) {
        self.waiting = None;
    }

    /// Becomes ready when the client has taken too little within the interval.
    pub(crate) fn poll_stuck(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(waiting) = &mut self.waiting else {
            return Poll::Pending;
        };
        while waiting.end.as_mut().poll(context).is_ready() {
            if waiting.taken < LEAST {
                return Poll::Ready(());
            }
            waiting.taken = 0;
            waiting.end.as_mut().reset(Instant::now() + self.timeout);
        }
        Poll::Pending
    }

    /// Becomes ready when the client has not polled for too long.
    pub(crate) fn poll_idle(
        &mut self,
        since: Option<Instant>,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(end) = since.and_then(|since| since.checked_add(self.timeout)) else {
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
