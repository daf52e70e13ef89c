//! A handler at work, and what becomes of it.

use std::{future::Future, pin::Pin, task::Poll};

use super::{Context, Reply, parked};
use crate::{
    ack::{Rejection, RejectionCode},
    error::EmitError,
    lifecycle::Rejected,
    listeners::Refusal,
    panic::catch_panic,
};

/// What a handler does, its answer included.
pub(super) type Work = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Why a handler's work came to nothing.
pub(super) enum Failure {
    Refused(Refusal),
    Answer(EmitError),
}

impl From<EmitError> for Failure {
    fn from(error: EmitError) -> Self {
        Self::Answer(error)
    }
}

/// A handler at work.
pub(super) struct Running<Cx> {
    pub(super) work: Work,
    pub(super) refuse: Refuse<Cx>,
    pub(super) event: &'static str,
}

impl<Cx: Context> Running<Cx> {
    pub(super) fn run(self, concurrent: bool) {
        if concurrent {
            tokio::spawn(self);
        } else {
            parked::run(self);
        }
    }
}

impl<Cx: Context> Future for Running<Cx> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<()> {
        let this = &mut *self;
        match catch_panic(|| this.work.as_mut().poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => Poll::Ready(()),
            Ok(Poll::Ready(Err(failure))) => {
                this.refuse.failed(this.event, failure);
                Poll::Ready(())
            }
            Err(panic) => {
                let detail = format!("the handler panicked: {panic}");
                this.refuse
                    .reject(this.event, RejectionCode::Panicked, detail);
                Poll::Ready(())
            }
        }
    }
}

impl<Cx> Unpin for Running<Cx> {}

/// Who is told of an event that was not handled.
pub(super) struct Refuse<Cx> {
    pub(super) context: Cx,
    pub(super) reply: Reply,
    /// Whether the acknowledgement may be an error.
    pub(super) fallible: bool,
}

impl<Cx: Context> Refuse<Cx> {
    fn failed(&self, event: &str, failure: Failure) {
        match failure {
            Failure::Refused(refusal) => {
                self.reject(event, RejectionCode::Refused, refusal.to_string());
            }
            // The client went away: nobody waits for the answer.
            Failure::Answer(EmitError::Closed) => {
                tracing::debug!(
                    event,
                    "the client closed before the acknowledgement was sent"
                );
            }
            Failure::Answer(error) => {
                let detail = format!("the acknowledgement was not sent: {error}");
                self.reject(event, RejectionCode::InvalidAnswer, detail);
            }
        }
    }

    pub(super) fn reject(&self, event: &str, code: RejectionCode, detail: String) {
        let open = self.context.development() || code == RejectionCode::Refused;
        let message = if open { &detail } else { code.description() };
        let reason = Rejection {
            code,
            message: message.to_owned(),
        };
        if let Err(error) = self.reply.reject(reason, self.fallible) {
            tracing::debug!(event, %error, "the sender could not be told of the rejection");
        }
        self.context.rejected(Rejected {
            event: event.to_owned(),
            code,
            detail,
        });
    }
}
