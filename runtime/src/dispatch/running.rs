//! A handler at work, and what becomes of it.

use std::{
    future::Future,
    pin::Pin,
    task::{Poll, ready},
};

use pin_project_lite::pin_project;

use super::{Context, Reply, parked};
use crate::{
    ack::{Rejection, RejectionCode},
    error::EmitError,
    lifecycle::Rejected,
    listeners::{BoxFuture, Refusal},
    panic::catch_panic,
    wire::Arguments,
};

/// Why a handler's work came to nothing.
enum Failure {
    Refused(Refusal),
    Answer(EmitError),
}

/// What a handler does, its answer included.
pub(super) trait Work<Cx>: Send {
    fn poll(
        self: Pin<&mut Self>,
        caller: &Caller<Cx>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Result<(), EmitError>>;
}

pin_project! {
    /// The method of a handler, and how its outcome is answered.
    pub(super) struct Handling<Cx, F: Future> {
        #[pin]
        pub(super) handling: F,
        pub(super) answer: fn(&Caller<Cx>, F::Output) -> Result<(), EmitError>,
    }
}

impl<Cx, F: Future + Send> Work<Cx> for Handling<Cx, F> {
    fn poll(
        self: Pin<&mut Self>,
        caller: &Caller<Cx>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Result<(), EmitError>> {
        let this = self.project();
        let outcome = ready!(this.handling.poll(context));
        Poll::Ready((this.answer)(caller, outcome))
    }
}

/// A handler at work.
pub(super) struct Running<Cx> {
    /// What runs before it.
    pub(super) middleware: Option<BoxFuture<Result<(), Refusal>>>,
    pub(super) work: Pin<Box<dyn Work<Cx>>>,
    pub(super) caller: Caller<Cx>,
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

    fn proceed(&mut self, context: &mut std::task::Context<'_>) -> Poll<Result<(), Failure>> {
        if let Some(middleware) = &mut self.middleware {
            ready!(middleware.as_mut().poll(context)).map_err(Failure::Refused)?;
            self.middleware = None;
        }
        let outcome = ready!(self.work.as_mut().poll(&self.caller, context));
        Poll::Ready(outcome.map_err(Failure::Answer))
    }
}

impl<Cx: Context> Future for Running<Cx> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<()> {
        match catch_panic(|| self.proceed(context)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => {}
            Ok(Poll::Ready(Err(failure))) => self.caller.failed(self.event, failure),
            Err(panic) => {
                let detail = format!("the handler panicked: {panic}");
                self.caller
                    .reject(self.event, RejectionCode::Panicked, detail);
            }
        }
        Poll::Ready(())
    }
}

impl<Cx> Unpin for Running<Cx> {}

/// Who has sent an event, and is told what became of it.
pub(super) struct Caller<Cx> {
    pub(super) context: Cx,
    pub(super) reply: Reply,
    /// Whether the acknowledgement may be an error.
    pub(super) fallible: bool,
}

impl<Cx: Context> Caller<Cx> {
    pub(super) fn answer(&self, arguments: &dyn Arguments) -> Result<(), EmitError> {
        self.reply.send(&self.context, arguments)
    }

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
        if let Err(error) = self.reply.reject(&self.context, reason, self.fallible) {
            tracing::debug!(event, %error, "the sender could not be told of the rejection");
        }
        self.context.rejected(Rejected {
            event: event.to_owned(),
            code,
            detail,
        });
    }
}
