//! Acknowledgements of emitted events.

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

/// Number of pending acknowledgements of one socket.
#[derive(Default)]
pub(crate) struct PendingAcks(OnceLock<Arc<AtomicUsize>>);

impl PendingAcks {
    /// Counts one more pending acknowledgement until the returned guard is dropped.
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

/// Guard that counts one pending acknowledgement.
pub(crate) struct Pending(Arc<AtomicUsize>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answer of one socket.
pub(crate) type RawAnswer = RawAckStream<RawArguments>;

/// Answers of many sockets, on all servers.
pub(crate) type RawAnswers = RawAckStream<RawArguments, Adapter>;

/// Stream of socket answers from any source.
pub(crate) type Answers =
    Pin<Box<dyn Stream<Item = (Sid, Result<Message<'static>, AckError>)> + Send>>;

/// Returns the answers that an adapter collects.
pub(crate) fn of_adapter(answers: RawAnswers) -> Answers {
    let message = |answer: Result<RawArguments, upstream::AckError>| Ok(answer?.0);
    Box::pin(answers.map(move |(id, answer)| (id, message(answer))))
}

/// Returns the answers that other servers collect. The servers are asked even if nobody reads the stream.
pub(crate) fn of_others(question: Question, bus: Arc<Bus>) -> Answers {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move { sender.send(question.ask_others(&bus).await) });
    let answers = async { receiver.await.unwrap_or_default() };
    Box::pin(stream::once(answers).flat_map(stream::iter))
}

/// Observer of one event's acknowledgements, for metrics and for graceful shutdown.
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

    /// Keeps the server from shutting down while a caller waits for the answer.
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

/// Future of one socket's [acknowledgement](https://socket.io/docs/v4/emitting-events/#acknowledgements).
///
/// The event has been sent when this future exists; dropping the future only stops the wait. It resolves to
/// [`AckError::Timeout`] after the socket's [`timeout`](crate::Socket::timeout) or the server's
/// [`ack_timeout`](crate::Builder::ack_timeout).
///
/// ```
/// use sio_types::{Acknowledgement, prelude::*};
///
/// #[events]
/// trait ServerToClient {
///     fn confirm(question: String) -> bool;
/// }
///
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
/// # struct Chat;
/// # async fn leave(socket: Socket<Chat>) -> Result<(), AckError> {
/// let answer: Acknowledgement<bool> = socket.emit().confirm("Leave the room?");
/// if answer.await? {
///     socket.leave("lobby");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Resolves to [`AckError`] if the event was not sent, or if there is no valid answer in time. See the guide to
/// [acknowledgements](crate::guide::acknowledgements#acknowledgements-from-clients).
///
/// # Limitations
///
/// socketioxide cannot read an answer in which an object's first key has an escape (a quote, a backslash or a control
/// character). The result is [`AckError::Decode`]. Events and MessagePack do not have this limitation.
#[must_use = "the acknowledgement is lost unless the future is awaited"]
pub struct Acknowledgement<R>(Pin<Box<dyn Future<Output = Result<R, AckError>> + Send>>);

/// Source of the acknowledgement of one event.
pub(crate) enum AckSource {
    /// The event has been sent.
    Sent(RawAnswer),
    /// The event waits in the backlog.
    Queued(oneshot::Receiver<Result<Message<'static>, AckError>>),
}

impl AckSource {
    async fn answer(self) -> Result<Message<'static>, AckError> {
        match self {
            Self::Sent(answer) => Ok(answer.await?.0),
            Self::Queued(answer) => answer.await.unwrap_or(Err(AckError::Closed)),
        }
    }
}

impl<R: Send + 'static> Acknowledgement<R> {
    pub(crate) fn new(
        sent: Result<(AckSource, Pending), AckError>,
        decode: Decode<R>,
        watch: AckObserver,
    ) -> Self {
        Self(Box::pin(async move {
            let (source, _pending) = sent?;
            let _waiting = watch.wait();
            let outcome = decode_answer(source.answer().await, decode);
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

/// Acknowledgements of a broadcast, as they arrive: a [`Stream`] of socket id and answer.
///
/// The stream ends when every socket has answered or timed out. A socket that did not answer yields
/// [`AckError::Timeout`].
///
/// ```
/// # use std::time::Duration;
/// # use sio_types::prelude::*;
/// # #[events]
/// # trait ServerToClient {
/// #     fn ready() -> bool;
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/game", server_to_client = ServerToClient)]
/// # struct Game;
/// # async fn count_ready(io: SocketIo) -> Result<u32, EmitError> {
/// let players = io.of(Game).room("table-1").timeout(Duration::from_secs(3));
/// let mut answers = players.emit().ready().await?;
/// let mut ready = 0;
/// while let Some((socket, answer)) = answers.next().await {
///     match answer {
///         Ok(is_ready) => ready += u32::from(is_ready),
///         Err(error) => tracing::info!(%socket, %error, "no answer"),
///     }
/// }
/// # Ok(ready)
/// # }
/// ```
///
/// See also the guide to [broadcasts](crate::guide::rooms#broadcasts-with-acknowledgements).
#[must_use = "acknowledgements are lost unless the stream is read"]
pub struct Acknowledgements<R> {
    answers: SelectAll<Answers>,
    decode: Decode<R>,
    /// `None` if this process is not a server.
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

    /// Returns the id of the next socket that has answered or timed out, and its answer or an [`AckError`]. Returns
    /// `None` after the last one.
    ///
    /// This is the same as [`StreamExt::next`], without the import.
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
