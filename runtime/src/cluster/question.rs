//! Events with an acknowledgement, for clients of a namespace that only other servers have mounted.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::bus::Bus;
use crate::{
    cluster::{
        bus::envelope::{Body, Selection},
        event::Outcome,
    },
    contract::error::{AckError, EmitError},
    protocol::Sid,
    support::task::BoxFuture,
    upstream::RawSocket,
    wire::{
        arguments::Arguments,
        message::{DecodeError, Message, RawArguments},
        raw::Raw,
    },
};

/// An event with an acknowledgement, for clients of other servers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Question {
    /// The path of the namespace, or the pattern of a dynamic namespace for all of its children.
    pub(crate) namespace: String,
    pub(crate) selection: Selection,
    event: String,
    /// The arguments, each encoded separately.
    arguments: Vec<Bytes>,
    timeout: Duration,
}

/// The outcome for one client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum ClientAnswer {
    Value(Bytes),
    Timeout,
    Closed,
    Failed(String),
}

/// The answers of one server's clients.
pub(crate) type ClientAnswers = BoxFuture<Vec<(Sid, ClientAnswer)>>;

impl Question {
    pub(crate) fn new(
        namespace: String,
        selection: Selection,
        event: &str,
        arguments: &dyn Arguments,
        timeout: Duration,
    ) -> Result<Self, EmitError> {
        let arguments = Raw::encode(arguments);
        Ok(Self {
            namespace,
            selection,
            event: event.to_owned(),
            arguments: arguments.map_err(|error| EmitError::Encode(error.to_string()))?,
            timeout,
        })
    }

    /// Emits the event to sockets of this server.
    pub(crate) fn ask(&self, sockets: Vec<Arc<RawSocket>>) -> ClientAnswers {
        let arguments = Raw(self.arguments.clone());
        let asked = sockets.into_iter().map(|socket| {
            let waiting = socket.timeout(self.timeout);
            let sent = waiting.emit_with_ack::<_, RawArguments>(&self.event, &arguments);
            let id = socket.id;
            async move {
                let answer = match sent {
                    Ok(answer) => answer.await.map_err(AckError::from),
                    Err(error) => Err(EmitError::from(error).into()),
                };
                (id, answer.into())
            }
        });
        Box::pin(join_all(asked.collect::<Vec<_>>()))
    }

    /// Emits the event to the clients of all other servers, and waits until each server has sent the answers of its
    /// clients. The result has no entries for the clients of a server that does not answer.
    pub(crate) async fn ask_others(
        self,
        bus: &Bus,
    ) -> Vec<(Sid, Result<Message<'static>, AckError>)> {
        let timeout = self.timeout + bus.request_timeout();
        let gathered = bus.ask(Some(timeout), |request| Body::Ask {
            request,
            question: self,
        });
        let gathered = gathered.await;
        bus.forget(&gathered.missing);
        let mut all = Vec::new();
        for (server, outcome) in gathered.answers {
            let Outcome::Value(answers) = outcome else {
                continue;
            };
            match rmp_serde::from_slice::<Vec<(Sid, ClientAnswer)>>(&answers) {
                Ok(answers) => all.extend(answers),
                Err(error) => {
                    tracing::warn!(%server, %error, "failed to decode the acknowledgements from another server");
                }
            }
        }
        let answers = all.into_iter();
        answers.map(|(id, answer)| (id, answer.into())).collect()
    }
}

impl From<Result<RawArguments, AckError>> for ClientAnswer {
    fn from(answer: Result<RawArguments, AckError>) -> Self {
        match answer {
            Ok(RawArguments(message)) => Self::Value(message.into_answer()),
            Err(AckError::Timeout) => Self::Timeout,
            Err(AckError::Closed | AckError::Emit(EmitError::Closed)) => Self::Closed,
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}

impl From<ClientAnswer> for Result<Message<'static>, AckError> {
    fn from(answer: ClientAnswer) -> Self {
        match answer {
            ClientAnswer::Value(bytes) => Ok(Message::from_answer(bytes)),
            ClientAnswer::Timeout => Err(AckError::Timeout),
            ClientAnswer::Closed => Err(AckError::Closed),
            ClientAnswer::Failed(problem) => Err(AckError::Decode(DecodeError::new(problem))),
        }
    }
}
