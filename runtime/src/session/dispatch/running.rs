//! Running handlers and their outcome.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
};

use pin_project_lite::pin_project;
use tracing::Span;

use super::{EventContext, inline_task, reply::Reply};
use crate::{
    connection::connection::in_progress::InProgress,
    contract::error::EmitError,
    metrics::{Moment, Traffic},
    session::{lifecycle::Rejected, listeners::MiddlewareError},
    support::{
        in_flight::{InFlightGuard, Kind},
        panic::catch_panic,
        task::BoxFuture,
    },
    wire::{
        acknowledgement::{Rejection, RejectionCode},
        arguments::Arguments,
    },
};

/// Reason why a handler did not complete its event.
enum Failure {
    /// The server disconnected the sender before the handler was started.
    Disconnected,
    Refused(MiddlewareError),
    Answer(EmitError),
}

/// Work of a handler, including its answer.
pub(super) trait HandlerTask<Cx>: Send {
    fn poll(
        self: Pin<&mut Self>,
        caller: &Caller<Cx>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Result<(), EmitError>>;
}

pin_project! {
    /// Future of a handler's method, with the function that sends its outcome.
    pub(super) struct Handling<Cx, F: Future> {
        #[pin]
        pub(super) handling: F,
        pub(super) answer: fn(&Caller<Cx>, F::Output) -> Result<(), EmitError>,
    }
}

impl<Cx, F: Future + Send> HandlerTask<Cx> for Handling<Cx, F> {
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

/// Running handler of one event.
pub(super) struct Running<Cx> {
    /// Middleware that runs before the handler.
    middleware: Option<BoxFuture<Result<(), MiddlewareError>>>,
    work: Pin<Box<dyn HandlerTask<Cx>>>,
    /// `true` once the handler has been started.
    has_started: bool,
    caller: Caller<Cx>,
    event: &'static str,
    span: Option<Span>,
    begun: Moment,
    /// Set when the handler is first waited for. Most handlers complete at their first poll, and are not counted.
    waiting: Option<BackgroundHandler>,
}

impl<Cx: EventContext> Running<Cx> {
    pub(super) fn new(
        event: &'static str,
        caller: Caller<Cx>,
        middleware: Option<BoxFuture<Result<(), MiddlewareError>>>,
        work: Pin<Box<dyn HandlerTask<Cx>>>,
    ) -> Self {
        Self {
            middleware,
            work,
            has_started: false,
            span: caller.context.span(event),
            caller,
            event,
            begun: Moment::now(),
            waiting: None,
        }
    }

    pub(super) fn run(mut self, concurrent: bool) {
        if concurrent {
            self.wait();
            tokio::spawn(self);
        } else {
            inline_task::run(self);
        }
    }

    fn wait(&mut self) {
        if self.waiting.is_none() {
            self.waiting = Some(BackgroundHandler::new(&self.caller.context));
        }
    }

    fn proceed(&mut self, context: &mut std::task::Context<'_>) -> Poll<Result<(), Failure>> {
        let _entered = self.span.as_ref().map(Span::enter);
        if let Some(middleware) = &mut self.middleware {
            ready!(middleware.as_mut().poll(context)).map_err(Failure::Refused)?;
            self.middleware = None;
        }
        if !self.has_started {
            // The sender may have been disconnected while the middleware ran or the task started.
            if self.caller.context.is_disconnected() {
                return Poll::Ready(Err(Failure::Disconnected));
            }
            self.has_started = true;
        }
        let outcome = ready!(self.work.as_mut().poll(&self.caller, context));
        Poll::Ready(outcome.map_err(Failure::Answer))
    }
}

impl<Cx: EventContext> Future for Running<Cx> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<()> {
        match catch_panic(|| self.proceed(context)) {
            Ok(Poll::Pending) => {
                self.wait();
                return Poll::Pending;
            }
            Ok(Poll::Ready(Ok(()))) => {}
            Ok(Poll::Ready(Err(Failure::Disconnected))) => {
                tracing::debug!(event = self.event, "event dropped: sender disconnected");
                return Poll::Ready(());
            }
            Ok(Poll::Ready(Err(failure))) => self.caller.failed(self.event, failure),
            Err(panic) => {
                let detail = format!("the handler panicked: {panic}");
                self.caller
                    .reject(self.event, RejectionCode::Panicked, detail);
            }
        }
        let traffic = self.caller.context.meter();
        traffic.handled(self.event, self.begun);
        Poll::Ready(())
    }
}

impl<Cx> Unpin for Running<Cx> {}

/// Handler that the server waits for when it shuts down.
struct BackgroundHandler {
    traffic: Arc<Traffic>,
    _piece: InFlightGuard,
    _in_progress: Option<InProgress>,
}

impl BackgroundHandler {
    fn new(context: &impl EventContext) -> Self {
        let traffic = context.meter().clone();
        traffic.waits();
        Self {
            traffic,
            _piece: context.in_flight().begin(Kind::Handler),
            _in_progress: context.begin_event(),
        }
    }
}

impl Drop for BackgroundHandler {
    fn drop(&mut self) {
        self.traffic.waited();
    }
}

/// Sender of an event, which receives the outcome.
pub(super) struct Caller<Cx> {
    pub(super) context: Cx,
    pub(super) reply: Reply,
    /// `true` if the acknowledgement may be an error.
    pub(super) fallible: bool,
}

impl<Cx: EventContext> Caller<Cx> {
    pub(super) fn answer(&self, arguments: &dyn Arguments) -> Result<(), EmitError> {
        self.reply.send(&self.context, arguments)
    }

    fn failed(&self, event: &str, failure: Failure) {
        match failure {
            Failure::Disconnected => {}
            Failure::Refused(refusal) => {
                self.reject(event, RejectionCode::Refused, refusal.to_string());
            }
            // The client has disconnected, so nobody waits for the answer.
            Failure::Answer(EmitError::Closed) => {
                tracing::debug!(event, "acknowledgement dropped: client disconnected");
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
            tracing::debug!(event, %error, "failed to send the rejection of an event");
        }
        self.context.rejected(Rejected {
            event: event.to_owned(),
            code,
            detail,
        });
    }
}
