//! Inter-server events.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;

use super::emit::EmitFuture;
use crate::{
    cluster::{
        bus::{Bus, envelope::Body},
        event::Outcome,
    },
    contract::{
        emit_target::EmitTarget, error::EmitError, events::EventSet, namespace::Namespace,
        server_id::ServerId,
    },
    wire::{
        acknowledgement::{Answer, Rejection},
        arguments::Arguments,
        message::{DecodeError, Message},
    },
};

/// Other servers of the cluster, as a target of inter-server events
/// ([`serverSideEmit`](https://socket.io/docs/v4/server-api/#serverserversideemiteventname-args-ack)).
///
/// ```
/// use std::time::Duration;
///
/// use sio_types::{ServersError, prelude::*};
///
/// #[events]
/// trait InterServer {
///     fn count_clients() -> u32;
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", inter_server = InterServer)]
/// struct Chat;
///
/// # async fn count(io: SocketIo) -> Result<u32, ServersError<u32>> {
/// let others = io.of(Chat).servers().timeout(Duration::from_secs(2));
/// let counts: Vec<u32> = others.emit().count_clients().await?;
/// # Ok(counts.into_iter().sum())
/// # }
/// ```
///
/// A cluster of one server, such as `memory://`, has no other servers: nobody receives the event, and an event with an
/// acknowledgement returns no answers.
///
/// The other servers handle the event with [`Peer`](crate::Peer) as the context. See also the guide to
/// [inter-server events](crate::guide::inter_server_events).
pub struct Servers<N> {
    bus: Option<Arc<Bus>>,
    path: String,
    timeout: Option<Duration>,
    namespace: PhantomData<fn() -> N>,
}

impl<N: Namespace> Servers<N> {
    pub(crate) fn new(bus: Option<Arc<Bus>>, path: String) -> Self {
        Self {
            bus,
            path,
            timeout: None,
            namespace: PhantomData,
        }
    }

    /// Sets how long to wait for the servers' answers; [`request_timeout`](crate::Cluster::request_timeout) by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Returns an emitter with one method per event. Each method returns a future that sends the event when awaited.
    ///
    /// # Errors
    ///
    /// An event without an acknowledgement returns [`EmitError::Encode`] if an argument cannot be encoded. Nothing
    /// reports a message that is lost between the servers.
    ///
    /// An event with an acknowledgement returns a `Vec` with the answer of each server. If some servers did not answer
    /// in time or rejected the event, it returns [`ServersError::Incomplete`] with the other answers.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> <N::InterServer as EventSet>::Emitter<ServersTarget<N>> {
        ServersTarget(self).into()
    }

    fn bus(&self) -> Result<&Arc<Bus>, EmitError> {
        self.bus
            .as_ref()
            .ok_or_else(|| EmitError::NotMounted(N::PATTERN.to_owned(), N::NAME))
    }
}

/// Emit target for the other servers of a cluster. See [`Servers::emit`].
pub struct ServersTarget<N>(Servers<N>);

/// Error returned when an inter-server event has not received the answers of all servers.
///
/// ```
/// use sio_types::ServersError;
///
/// /// Returns the sum of the answers that have arrived.
/// fn sum(outcome: Result<Vec<u32>, ServersError<u32>>) -> u32 {
///     match outcome {
///         Ok(answers) => answers.into_iter().sum(),
///         Err(ServersError::Incomplete { answers, missing, .. }) => {
///             tracing::warn!(?missing, "servers did not answer");
///             answers.into_iter().map(|(_, answer)| answer).sum()
///         }
///         Err(error) => {
///             tracing::error!(%error, "event not sent");
///             0
///         }
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServersError<R> {
    /// Some servers did not answer in time, or did not handle the event.
    #[error(
        "{} server(s) answered, {} did not answer in time, {} rejected the event",
        answers.len(), missing.len() + missing_services, rejected.len()
    )]
    #[non_exhaustive]
    Incomplete {
        /// The answers, each with the server that gave it; `None` for Node.js servers, which have no id.
        answers: Vec<(Option<ServerId>, R)>,
        /// The servers that did not answer in time.
        missing: Vec<ServerId>,
        /// Number of Node.js servers that did not answer in time.
        missing_services: usize,
        /// The servers that did not handle the event, each with the reason.
        rejected: Vec<(Option<ServerId>, Rejection)>,
    },
    /// The event could not be sent.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Future of the servers' answers.
type Asking<'a, R> =
    std::pin::Pin<Box<dyn Future<Output = Result<Vec<R>, ServersError<R>>> + Send + 'a>>;

impl<N: Namespace> EmitTarget for ServersTarget<N> {
    type Sent<'a> = EmitFuture<'a, ()>;
    type Acked<'a, R: Send + 'static> = Asking<'a, R>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        let message = encoded(event, &arguments);
        Box::pin(async move {
            let (bus, message) = (self.0.bus()?.clone(), message?);
            let (namespace, request) = (self.0.path, None);
            if let Some(interop) = bus.interop() {
                interop.emit(&namespace, as_json(&message)?).await;
            }
            bus.publish(Body::Event {
                namespace,
                request,
                message,
            })
            .await;
            Ok(())
        })
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        let message = encoded(event, &arguments);
        Box::pin(async move {
            let (bus, message) = (self.0.bus()?.clone(), message?);
            let gathered = gather(&bus, self.0.path, message, self.0.timeout).await?;
            let (mut answers, mut rejected) = (Vec::new(), Vec::new());
            for (node, outcome) in gathered.answers {
                match read(outcome, decode) {
                    Ok(answer) => answers.push((node, answer)),
                    Err(rejection) => rejected.push((node, rejection)),
                }
            }
            let (missing, missing_services) = (gathered.missing, gathered.missing_services);
            if missing.is_empty() && missing_services == 0 && rejected.is_empty() {
                return Ok(answers.into_iter().map(|(_, answer)| answer).collect());
            }
            Err(ServersError::Incomplete {
                answers,
                missing,
                missing_services,
                rejected,
            })
        })
    }
}

/// Answers of all servers, including Node servers.
struct Gathered {
    answers: Vec<(Option<ServerId>, Outcome)>,
    missing: Vec<ServerId>,
    missing_services: usize,
}

async fn gather(
    bus: &Bus,
    namespace: String,
    message: Bytes,
    timeout: Option<Duration>,
) -> Result<Gathered, EmitError> {
    let services = async {
        let Some(interop) = bus.interop() else {
            return Ok(None);
        };
        let ours = bus.members().await.len() + usize::from(bus.is_server());
        let timeout = timeout.unwrap_or(bus.request_timeout());
        let asked = interop.emit_with_ack(&namespace, as_json(&message)?, ours, timeout);
        Ok::<_, EmitError>(Some(asked.await))
    };
    let servers = bus.ask(timeout, |request| Body::Event {
        namespace: namespace.clone(),
        request: Some(request),
        message: message.clone(),
    });
    let (servers, services) = futures_util::future::join(servers, services).await;
    let answers = servers.answers.into_iter();
    let mut gathered = Gathered {
        answers: answers.map(|(node, it)| (Some(node), it)).collect(),
        missing: servers.missing,
        missing_services: 0,
    };
    if let Some(services) = services? {
        let answers = services.answers.into_iter();
        gathered.answers.extend(answers.map(|it| (None, it)));
        gathered.missing_services = services.missing;
    }
    Ok(gathered)
}

fn as_json(message: &Bytes) -> Result<serde_json::Value, EmitError> {
    Message::as_json(message).map_err(|error| EmitError::Encode(error.to_string()))
}

fn encoded(event: &str, arguments: &dyn Arguments) -> Result<Bytes, EmitError> {
    Message::encode(event, arguments).map_err(|error| EmitError::Encode(error.to_string()))
}

fn read<R>(
    outcome: Outcome,
    decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
) -> Result<R, Rejection> {
    let answer = match outcome {
        Outcome::Value(bytes) => Message::from_answer(bytes),
        Outcome::Json(text) => Message::from_ack(crate::protocol::Value::Str(text.into(), None)),
        Outcome::Rejected(rejection) => return Err(rejection),
    };
    match decode(&answer) {
        Ok(Answer::Value(value)) => Ok(value),
        Ok(Answer::Rejected(rejection)) => Err(rejection),
        Err(error) => Err(Rejection {
            code: crate::wire::acknowledgement::RejectionCode::InvalidAnswer,
            message: error.to_string(),
        }),
    }
}

impl<N> fmt::Debug for Servers<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers")
            .field("path", &self.path)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
