//! Events from a test client to the server.

use std::{future::Future, pin::Pin};

use serde_json::Value as Json;

use super::{
    client::Client,
    failure::{Failure, Problem},
    inbox::Inbox,
    shown,
};
use crate::{
    contract::{emit_target::EmitTarget, error::EmitError, namespace::Namespace},
    upstream::Packet,
    wire::{
        acknowledgement::{Answer, Rejection},
        arguments::{Argument, Arguments},
        message::{DecodeError, Message},
    },
};

/// The server, as the target of a client's emitter. See [`Client::emit`].
pub struct ToServer<'c, N: Namespace>(pub(super) &'c Client<N>);

/// Boxed future of a test client's operation.
pub type Sent<'c, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'c>>;

impl<'c, N: Namespace> EmitTarget for ToServer<'c, N> {
    type Sent<'a> = Sent<'c, ()>;
    type Acked<'a, R: Send + 'static> = Sent<'c, R>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        let sent = send(self.0, event, &arguments, None);
        Box::pin(begun(self.0, event, sent))
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        let id = self.0.connection().transport().next_number();
        let sent = send(self.0, event, &arguments, Some(id));
        Box::pin(async move {
            sent?;
            let wanted = wanted(event);
            let answer = answer(self.0, &wanted, id).await?;
            let problem = match decode(&answer) {
                Ok(Answer::Value(value)) => return Ok(value),
                Ok(Answer::Rejected(rejection)) => Problem::Rejected(rejection),
                Err(error) => Problem::Invalid(error.to_string()),
            };
            Err(self.0.failure(&wanted, problem))
        })
    }
}

fn wanted(event: &str) -> String {
    format!("an acknowledgement of `{event}`")
}

fn send<N: Namespace>(
    client: &Client<N>,
    event: &str,
    arguments: &dyn Arguments,
    id: Option<i64>,
) -> Result<(), Failure> {
    let sent = || format!("to send `{event}`");
    client.connected(&sent())?;
    let value = client
        .connection()
        .transport()
        .codec
        .arguments(Some(event), arguments);
    let value = value.map_err(|error: EmitError| client.failure(&sent(), Problem::Emit(error)))?;
    let Packet { mut inner, .. } = Packet::event("/", value);
    if let Some(id) = id {
        inner.set_ack_id(id);
    }
    client.send(inner);
    Ok(())
}

/// Resolves when the server has started to handle an event.
async fn begun<N: Namespace>(
    client: &Client<N>,
    event: &str,
    sent: Result<(), Failure>,
) -> Result<(), Failure> {
    sent?;
    let wanted = format!("the server to handle `{event}`");
    client.barrier(&wanted).await
}

async fn answer<N: Namespace>(
    client: &Client<N>,
    wanted: &str,
    id: i64,
) -> Result<Message<'static>, Failure> {
    let answer = |inbox: &mut Inbox| match inbox.answers.remove(&id) {
        Some(answer) => Some(Ok(answer)),
        None => inbox.gone().map(Err),
    };
    let answer = client.wait(wanted, answer).await?;
    answer.map_err(|reason| client.failure(wanted, Problem::Disconnected(reason)))
}

/// An untyped event, created by [`Client::emit_raw`].
#[must_use = "nothing is sent before one of its methods is called"]
pub struct RawEvent<'c, N: Namespace> {
    client: &'c Client<N>,
    event: String,
    arguments: RawArguments,
}

struct RawArguments(Vec<Json>);

impl Arguments for RawArguments {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Option<&dyn Argument> {
        self.0.get(index).map(|argument| argument as &dyn Argument)
    }
}

impl<'c, N: Namespace> RawEvent<'c, N> {
    pub(super) fn new(client: &'c Client<N>, event: String, arguments: Vec<Json>) -> Self {
        Self {
            client,
            event,
            arguments: RawArguments(arguments),
        }
    }

    /// Sends the event without an acknowledgement. Waits until the server has started to handle it or has rejected it.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::Disconnected`] if the client is not connected, and [`Problem::TimedOut`] or
    /// [`Problem::Unreachable`] if the round trip fails. A rejection is not an error, because the server reports none
    /// without an acknowledgement.
    pub async fn send(self) -> Result<(), Failure> {
        let sent = send(self.client, &self.event, &self.arguments, None);
        begun(self.client, &self.event, sent).await
    }

    /// Sends the event with an acknowledgement, and waits for the acknowledgement's arguments.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::TimedOut`] if the server does not answer, and [`Problem::Disconnected`] if the client is not
    /// connected.
    pub async fn ask(self) -> Result<Vec<Json>, Failure> {
        let (wanted, answer) = self.answer().await?;
        shown::arguments(&answer)
            .map_err(|error| self.client.failure(&wanted, Problem::Invalid(error)))
    }

    /// Sends the event with an acknowledgement, and waits until the server rejects it. The server reports rejections
    /// only for fallible acknowledgements.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`ask`](Self::ask), and [`Problem::Invalid`] if the server has handled the event.
    pub async fn rejection(self) -> Result<Rejection, Failure> {
        let (wanted, answer) = self.answer().await?;
        let wanted = wanted.replace("an acknowledgement", "a rejection");
        let problem = match crate::wire::acknowledgement::fallible::<Result<Json, Json>>(&answer) {
            Ok(Answer::Rejected(rejection)) => return Ok(rejection),
            Ok(Answer::Value(Ok(value))) => format!("it was acknowledged with `{value}`"),
            Ok(Answer::Value(Err(error))) => {
                format!("it was acknowledged with the error `{error}`")
            }
            Err(error) => error.to_string(),
        };
        Err(self.client.failure(&wanted, Problem::Invalid(problem)))
    }

    async fn answer(&self) -> Result<(String, Message<'static>), Failure> {
        let id = self.client.connection().transport().next_number();
        send(self.client, &self.event, &self.arguments, Some(id))?;
        let wanted = wanted(&self.event);
        let answer = answer(self.client, &wanted, id).await?;
        Ok((wanted, answer))
    }
}
