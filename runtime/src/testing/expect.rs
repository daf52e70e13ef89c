//! Expected events and the answers to them.

use std::{any::TypeId, borrow::Borrow, fmt, sync::Arc};

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::{
    client::Client,
    emit::Sent,
    failure::{Failure, Problem},
    inbox::Incoming,
    transport::Transport,
};
use crate::{
    contract::{emit_target::EmitTarget, error::EmitError, namespace::Namespace},
    upstream::Packet,
    wire::{
        acknowledgement::{Answer, RejectionCode},
        arguments::{Arguments, One},
        message::{DecodeError, Message},
        raw::Raw,
    },
};

type Decode<R> = fn(&Message) -> Result<Answer<R>, DecodeError>;

/// The next event, as the target of an emitter. See [`Client::expect`].
pub struct Expecting<'c, N: Namespace>(pub(super) &'c Client<N>);

impl<'c, N: Namespace> EmitTarget for Expecting<'c, N> {
    type Sent<'a> = Sent<'c, ()>;
    type Acked<'a, R: Send + 'static> = Sent<'c, Question<R>>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        let expected = expected(self.0, event, &arguments);
        Box::pin(async move { next(self.0, expected?).await.map(drop) })
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: Decode<R>,
    ) -> Self::Acked<'a, R> {
        let expected = expected(self.0, event, &arguments);
        Box::pin(async move {
            let incoming = next(self.0, expected?).await?;
            forget(self.0, incoming.id);
            Ok(Question::new(self.0, &incoming, decode))
        })
    }
}

/// The events that were taken and not answered, as the target of an emitter. See [`Client::expect_with_ack`].
pub struct Asked<'c, N: Namespace>(pub(super) &'c Client<N>);

impl<N: Namespace> EmitTarget for Asked<'_, N> {
    type Sent<'a> = Result<(), Failure>;
    type Acked<'a, R: Send + 'static> = Result<Question<R>, Failure>;

    /// Fails: the server does not wait for an answer to an event without an acknowledgement.
    fn emit<'a, A: Arguments + Send + 'a>(self, event: &'static str, _: A) -> Self::Sent<'a> {
        let problem = Problem::Invalid("the event has no acknowledgement".to_owned());
        Err(self
            .0
            .failure(&format!("`{event}` to have an acknowledgement"), problem))
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: Decode<R>,
    ) -> Self::Acked<'a, R> {
        let expected = expected(self.0, event, &arguments)?;
        let found = self.0.look(|inbox| {
            let mut questions = inbox.questions.iter();
            let index = questions.position(|question| question.is(&expected))?;
            Some(inbox.questions.remove(index))
        });
        let wanted = format!("`{expected}` to wait for an acknowledgement");
        let none = || Problem::Invalid("no such event waits for an acknowledgement".to_owned());
        let incoming = found.ok_or_else(|| self.0.failure(&wanted, none()))?;
        Ok(Question::new(self.0, &incoming, decode))
    }
}

/// Creates an event in the form in which it would arrive.
fn expected<N: Namespace>(
    client: &Client<N>,
    event: &str,
    arguments: &dyn Arguments,
) -> Result<Incoming, Failure> {
    let value = client
        .connection()
        .transport()
        .codec
        .arguments(Some(event), arguments);
    let incoming = value.map(|value| Incoming::new(value, None));
    let problem = match incoming {
        Ok(Some(incoming)) => return Ok(incoming),
        Ok(None) => Problem::Invalid("failed to encode the event".to_owned()),
        Err(error) => Problem::Emit(error),
    };
    Err(client.failure(&format!("`{event}`"), problem))
}

/// Takes the next event, which must be the expected one.
async fn next<N: Namespace>(client: &Client<N>, expected: Incoming) -> Result<Incoming, Failure> {
    let wanted = format!("`{expected}`");
    let incoming = client.take(&wanted).await?;
    if incoming.is(&expected) {
        Ok(incoming)
    } else {
        Err(client.unexpected(&wanted, &incoming))
    }
}

fn forget<N: Namespace>(client: &Client<N>, id: Option<i64>) {
    client.look(|inbox| inbox.questions.retain(|question| question.id != id));
}

/// An event whose sender, the server, waits for an answer of type `R`. If it is dropped, the event is never answered.
#[must_use = "the server waits for an acknowledgement until it is answered"]
pub struct Question<R> {
    transport: Arc<Transport>,
    path: String,
    event: String,
    id: Option<i64>,
    decode: Decode<R>,
}

impl<R> Question<R> {
    fn new<N: Namespace>(client: &Client<N>, incoming: &Incoming, decode: Decode<R>) -> Self {
        Self {
            transport: client.connection().transport().clone(),
            path: client.path().to_owned(),
            event: incoming.to_string(),
            id: incoming.id,
            decode,
        }
    }
}

impl<R: Serialize + 'static> Question<R> {
    /// Answers with a value of the declared type, in the form that a client uses.
    ///
    /// # Errors
    ///
    /// Returns [`Problem::Emit`] if the answer cannot be encoded, and [`Problem::Invalid`] if the server does not wait
    /// for an answer.
    pub fn answer(self, answer: impl Borrow<R>) -> Result<(), Failure> {
        let encoded = self.encode(answer.borrow());
        let encoded = encoded.map_err(|error| EmitError::Encode(error.to_string()));
        let arguments = encoded.map_err(|error| self.failure(Problem::Emit(error)))?;
        self.send(&Raw(arguments))
    }

    /// Encodes the arguments of the acknowledgement, each as MessagePack.
    fn encode(&self, answer: &R) -> Result<Vec<Bytes>, DecodeError> {
        if TypeId::of::<R>() == TypeId::of::<()>() {
            return Ok(Vec::new());
        }
        let arguments = Raw::encode(&One(answer))?;
        if !self.is_fallible()? {
            return Ok(arguments);
        }
        arguments.iter().map(|result| envelope(result)).collect()
    }

    /// `true` if the acknowledgement is fallible, so that it has a form for rejections.
    fn is_fallible(&self) -> Result<bool, DecodeError> {
        let code = RejectionCode::Refused;
        let rejection = json!({ "status": "rejected", "reason": { "code": code, "message": "" } });
        let rejection = Message::from_answer(Message::encode_answer(&One(rejection))?);
        Ok(matches!((self.decode)(&rejection), Ok(Answer::Rejected(_))))
    }
}

impl<R> Question<R> {
    /// Answers with any value, to test how the server handles it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`answer`](Self::answer).
    pub fn answer_raw(self, answer: serde_json::Value) -> Result<(), Failure> {
        self.send(&(answer,))
    }

    fn send(&self, arguments: &impl Serialize) -> Result<(), Failure> {
        let Some(id) = self.id else {
            let problem = "the server does not wait for an acknowledgement".to_owned();
            return Err(self.failure(Problem::Invalid(problem)));
        };
        let value = self.transport.codec.encode_value(arguments, None);
        let value = value.map_err(|error| self.failure(Problem::Emit(error)))?;
        self.transport
            .send(Packet::ack(self.path.clone(), value, id));
        Ok(())
    }

    fn failure(&self, problem: Problem) -> Failure {
        Failure::new(format!("to acknowledge `{}`", self.event), problem)
    }
}

impl<R> fmt::Debug for Question<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Question").field(&self.event).finish()
    }
}

/// Converts a `Result` to the form of a fallible acknowledgement, both as MessagePack.
///
/// serde writes it as a map of one entry, whose key is `Ok` or `Err`.
fn envelope(result: &[u8]) -> Result<Bytes, DecodeError> {
    const OK: &[u8] = b"\x81\xa2Ok";
    const ERR: &[u8] = b"\x81\xa3Err";
    let ok = result.strip_prefix(OK).map(|data| ("ok", "data", data));
    let err = result
        .strip_prefix(ERR)
        .map(|error| ("error", "error", error));
    let Some((status, key, value)) = ok.or(err) else {
        return Err(DecodeError::new("the value is not a `Result`"));
    };
    let mut envelope = vec![0x82];
    for text in ["status", status, key] {
        rmp::encode::write_str(&mut envelope, text).map_err(DecodeError::new)?;
    }
    envelope.extend_from_slice(value);
    Ok(envelope.into())
}
