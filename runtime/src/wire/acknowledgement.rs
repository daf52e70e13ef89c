//! Acknowledgements on the wire: a value, nothing, or an envelope with a status.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    arguments::One,
    message::{DecodeError, Message},
    payload::Payload,
};

/// Reason why a server (or a client) did not handle an event: the `reason` of `{"status": "rejected"}`.
///
/// See also the guide to [rejections](crate::guide::acknowledgements#rejections).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Kind of the rejection.
    pub code: RejectionCode,
    /// One sentence for a developer, with details only in development mode.
    pub message: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Kind of a [`Rejection`], and of a [`Rejected`](crate::Rejected) event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RejectionCode {
    /// The payload could not be decoded into the event's arguments.
    InvalidPayload,
    /// The namespace has no event of this name.
    UnknownEvent,
    /// A middleware rejected the event.
    Refused,
    /// The handler or a middleware panicked.
    Panicked,
    /// The handler's acknowledgement could not be sent, for example an integer that JavaScript cannot hold.
    InvalidAnswer,
    /// Too many events were waiting for the `connected` hook, or too many handlers were running
    /// ([`Limits::events_in_progress`](crate::Limits::events_in_progress)).
    Overloaded,
    /// The socket sends more events than [`Limits::events`](crate::Limits::events) or the event's own rate allows.
    RateLimited,
}

impl RejectionCode {
    /// Returns the code as it is on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InvalidPayload => "invalid_payload",
            Self::UnknownEvent => "unknown_event",
            Self::Refused => "refused",
            Self::Panicked => "panicked",
            Self::InvalidAnswer => "invalid_answer",
            Self::Overloaded => "overloaded",
            Self::RateLimited => "rate_limited",
        }
    }

    /// Returns the message that a client receives outside development mode.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::InvalidPayload => "the payload is not valid",
            Self::UnknownEvent => "the event is unknown",
            Self::Refused => "the event was refused",
            Self::Panicked | Self::InvalidAnswer => "internal error",
            Self::Overloaded => "too many events are waiting",
            Self::RateLimited => "too many events in a short time",
        }
    }
}

impl RejectionCode {
    /// Returns the reason that is logged when the server rejects an event that is not at fault.
    pub(crate) fn detail(self) -> &'static str {
        match self {
            Self::UnknownEvent => "the namespace has no such event",
            Self::Overloaded => "too many events wait for the `connected` hook",
            Self::RateLimited => "the socket sends more events than its rate allows",
            other => other.description(),
        }
    }
}

/// `Result<T, E>`, the return type of an event whose acknowledgement may be an error.
pub trait Fallible: Send + 'static {
    /// Type of the value in `Ok`.
    type Ok;
    /// Type of the value in `Err`.
    type Error;
    #[doc(hidden)]
    fn from_result(result: Result<Self::Ok, Self::Error>) -> Self;
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Ok, Self::Error>;
}

impl<T: Send + 'static, E: Send + 'static> Fallible for Result<T, E> {
    type Ok = T;
    type Error = E;

    fn from_result(result: Result<T, E>) -> Self {
        result
    }

    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// A fallible acknowledgement on the wire.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(crate) enum Envelope<T, E> {
    Ok { data: T },
    Error { error: E },
    Rejected { reason: Rejection },
}

/// Decoded acknowledgement: the declared value, or a rejection.
pub enum Answer<R> {
    #[doc(hidden)]
    Value(R),
    #[doc(hidden)]
    Rejected(Rejection),
}

/// Decodes an acknowledgement that carries one value.
pub fn value<R: Payload>(message: &Message) -> Result<Answer<R>, DecodeError> {
    let (value,) = message.arguments(&["acknowledgement"])?;
    Ok(Answer::Value(value))
}

/// Accepts an acknowledgement without a value, and ignores anything that it carries.
pub fn unit(_: &Message) -> Result<Answer<()>, DecodeError> {
    Ok(Answer::Value(()))
}

/// Decodes an acknowledgement that may be an error.
///
/// Reads the status first and then the rest as its own type. serde's tagged enums would buffer the content, which loses
/// what only a typed read preserves (number keys, large integers).
pub fn fallible<R>(message: &Message) -> Result<Answer<R>, DecodeError>
where
    R: Fallible<Ok: Payload, Error: Payload>,
{
    #[derive(Deserialize)]
    struct Status {
        status: String,
    }
    #[derive(Deserialize)]
    struct Ok<T> {
        data: T,
    }
    #[derive(Deserialize)]
    struct Failed<E> {
        error: E,
    }
    #[derive(Deserialize)]
    struct Rejected {
        reason: Rejection,
    }
    const NAMES: &[&str] = &["acknowledgement"];

    let One(Status { status }) = message.arguments(NAMES)?;
    match status.as_str() {
        "ok" => {
            let One(Ok { data }) = message.arguments(NAMES)?;
            Result::Ok(Answer::Value(R::from_result(Result::Ok(data))))
        }
        "error" => {
            let One(Failed { error }) = message.arguments(NAMES)?;
            Result::Ok(Answer::Value(R::from_result(Err(error))))
        }
        "rejected" => {
            let One(Rejected { reason }) = message.arguments(NAMES)?;
            Result::Ok(Answer::Rejected(reason))
        }
        other => Err(DecodeError::new(format_args!(
            "argument `acknowledgement.status`: unknown status `{other}`; expected one of `ok`, `error`, `rejected`"
        ))),
    }
}
