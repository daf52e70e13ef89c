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
/// ([`serverSideEmit`](https://socket.io/docs/v4/server-api/#serverserversideemiteventname-args)).
///
/// A cluster of one server, such as `memory://`, has no other servers: nobody receives the event, and an event with an
/// acknowledgement returns no answers.
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

    /// Returns an emitter with one method per event.
    ///
    /// An event with an acknowledgement returns a `Vec` with the answer of each server. If some servers did not answer,
    /// it returns a [`ServersError`] with the answers so far and the missing servers.
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

/// Emit target for the other servers of a cluster.
pub struct ServersTarget<N>(Servers<N>);

/// Error returned when an inter-server event has not received the answers of all servers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServersError<R> {
    /// Some servers did not answer in time, or did not handle the event.
    #[error(
        "{} of the servers answered; {} did not in time, and {} rejected the event",
        answers.len(), missing.len() + missing_services, rejected.len()
    )]
    #[non_exhaustive]
    Incomplete {
        /// The answers with the server that gave them; `None` for Node servers, which have no id.
        answers: Vec<(Option<ServerId>, R)>,
        /// The servers that did not answer in time.
        missing: Vec<ServerId>,
        /// Number of Node servers that did not answer in time.
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
