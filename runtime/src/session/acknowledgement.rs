//! Acknowledgements: what a receiver answers, and how a sender waits for it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, SelectAll},
};
use tokio::sync::oneshot;

use super::namespace_state::NamespaceState;
use crate::{
    cluster::{bus::Bus, question::Question},
    contract::{error::AckError, namespace::Namespace},
    metrics::{Moment, Traffic},
    protocol::Sid,
    support::in_flight::{InFlight, InFlightGuard, Kind},
    upstream::{self, Adapter, RawAckStream},
    wire::{
        acknowledgement::Answer,
        message::{DecodeError, Message, RawArguments},
    },
};

type Decode<R> = fn(&Message) -> Result<Answer<R>, DecodeError>;

/// How many acknowledgements of one socket are waited for.
#[derive(Default)]
pub(crate) struct PendingAcks(OnceLock<Arc<AtomicUsize>>);

impl PendingAcks {
    /// Counts one more, for as long as what this returns is there.
    pub(crate) fn add(&self, most: usize) -> Result<Pending, AckError> {
        let count = self.0.get_or_init(Arc::default).clone();
        let before = count.fetch_add(1, Ordering::Relaxed);
        let pending = Pending(count);
        if before < most {
            Ok(pending)
        } else {
            Err(AckError::TooManyPending(most))
        }
    }
}

/// One of them.
pub(crate) struct Pending(Arc<AtomicUsize>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The answer of one socket.
pub(crate) type RawAnswer = RawAckStream<RawArguments>;

/// The answers of many, on all servers.
pub(crate) type RawAnswers = RawAckStream<RawArguments, Adapter>;

/// What sockets have answered, from wherever it comes.
pub(crate) type Answers =
    Pin<Box<dyn Stream<Item = (Sid, Result<Message<'static>, AckError>)> + Send>>;

/// The answers that an adapter gathers.
pub(crate) fn of_adapter(answers: RawAnswers) -> Answers {
    let message = |answer: Result<RawArguments, upstream::AckError>| Ok(answer?.0);
    Box::pin(answers.map(move |(id, answer)| (id, message(answer))))
}

/// The answers that other servers gather. They are asked whether anybody reads this or not.
pub(crate) fn of_others(question: Question, bus: Arc<Bus>) -> Answers {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move { sender.send(question.ask_others(&bus).await) });
    let answers = async { receiver.await.unwrap_or_default() };
    Box::pin(stream::once(answers).flat_map(stream::iter))
}

/// What the server notes of an event that is to be acknowledged.
pub(crate) struct AckObserver {
    event: &'static str,
    sent: Moment,
    traffic: Arc<Traffic>,
    in_flight: Arc<InFlight>,
}

impl AckObserver {
    pub(crate) fn new<N: Namespace>(event: &'static str, shared: &NamespaceState<N>) -> Self {
        Self {
            event,
            sent: Moment::now(),
            traffic: shared.traffic.clone(),
            in_flight: shared.in_flight.clone(),
        }
    }

    /// The server does not shut down while somebody waits for the answer.
    fn wait(&self) -> InFlightGuard {
        self.in_flight.begin(Kind::Acknowledgement)
    }

    fn note<R>(&self, outcome: &Result<R, AckError>) {
        let error = outcome.as_ref().err();
        self.traffic.answered(self.event, self.sent, error);
    }
}

fn decode_answer<R>(
    answer: Result<Message<'static>, AckError>,
    decode: Decode<R>,
) -> Result<R, AckError> {
    match decode(&answer?)? {
        Answer::Value(value) => Ok(value),
        Answer::Rejected(rejection) => Err(AckError::Rejected(rejection)),
    }
}

/// Waits for one socket's acknowledgement.
///
/// The event has been sent when this future exists; dropping it only gives up waiting. It resolves to
/// [`AckError::Timeout`] after the socket's [`timeout`](crate::Socket::timeout) or the server's
/// [`ack_timeout`](crate::Builder::ack_timeout).
///
/// socketioxide cannot read an answer in which an object's first key has an escape (a quote, a backslash or a control
/// character): that is an [`AckError::Decode`]. Events and MessagePack have no such limit.
#[must_use = "an acknowledgement is only seen by awaiting it"]
pub struct Acknowledgement<R>(Pin<Box<dyn Future<Output = Result<R, AckError>> + Send>>);

/// An event that a client is to acknowledge.
pub(crate) enum Asked {
    /// It is on its way.
    Now(RawAnswer),
    /// It waits for others to be sent.
    Later(oneshot::Receiver<Result<Message<'static>, AckError>>),
}

impl Asked {
    async fn answer(self) -> Result<Message<'static>, AckError> {
        match self {
            Self::Now(answer) => Ok(answer.await?.0),
            Self::Later(answer) => answer.await.unwrap_or(Err(AckError::Closed)),
        }
    }
}

impl<R: Send + 'static> Acknowledgement<R> {
    pub(crate) fn new(
        sent: Result<(Asked, Pending), AckError>,
        decode: Decode<R>,
        watch: AckObserver,
    ) -> Self {
        Self(Box::pin(async move {
            let (asked, _pending) = sent?;
            let _waiting = watch.wait();
            let outcome = decode_answer(asked.answer().await, decode);
            watch.note(&outcome);
            outcome
        }))
    }
}

impl<R> Future for Acknowledgement<R> {
    type Output = Result<R, AckError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<R> fmt::Debug for Acknowledgement<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acknowledgement").finish_non_exhaustive()
    }
}

/// The acknowledgements of a broadcast, as they arrive: a [`Stream`] of socket id and answer.
///
/// It ends when every socket has answered or its time is up; a socket that did not answer is in it with
/// [`AckError::Timeout`].
#[must_use = "acknowledgements are only seen by reading the stream"]
pub struct Acknowledgements<R> {
    answers: SelectAll<Answers>,
    decode: Decode<R>,
    /// None, if the asker is no server.
    watch: Option<AckObserver>,
    waiting: Option<InFlightGuard>,
}

impl<R> Acknowledgements<R> {
    pub(crate) fn new(
        answers: Vec<Answers>,
        decode: Decode<R>,
        watch: Option<AckObserver>,
    ) -> Self {
        Self {
            answers: answers.into_iter().collect(),
            decode,
            watch,
            waiting: None,
        }
    }

    /// The next answer, or `None` when all are in.
    ///
    /// The same as [`StreamExt::next`], without the import.
    pub async fn next(&mut self) -> Option<(Sid, Result<R, AckError>)> {
        StreamExt::next(&mut *self).await
    }
}

impl<R> Stream for Acknowledgements<R> {
    type Item = (Sid, Result<R, AckError>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let next = this.answers.poll_next_unpin(context);
        match next {
            Poll::Pending if this.waiting.is_none() => {
                this.waiting = this.watch.as_ref().map(AckObserver::wait);
            }
            Poll::Ready(None) => this.waiting = None,
            Poll::Pending | Poll::Ready(Some(_)) => {}
        }
        next.map(|next| {
            let (id, answer) = next?;
            let outcome = decode_answer(answer, this.decode);
            if let Some(watch) = &this.watch {
                watch.note(&outcome);
            }
            Some((id, outcome))
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.answers.size_hint()
    }
}

impl<R> fmt::Debug for Acknowledgements<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acknowledgements").finish_non_exhaustive()
    }
}
