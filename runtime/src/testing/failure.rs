//! Failures of test clients.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::inbox::Disconnected;
use crate::{contract::error::EmitError, wire::acknowledgement::Rejection};

/// Error of a test client's operation: the expected result, the actual result, and the events that came before.
///
/// `Debug` and `Display` print the same text, so that the output of a test that returns the error is readable.
/// [`problem`](Self::problem) returns the actual result, for tests of failures:
///
/// ```no_run
/// # use sio_types::{Namespace, testing::{Client, Problem}};
/// # async fn test<N: Namespace>(client: Client<N>) {
/// if let Err(failure) = client.next().await {
///     assert!(matches!(failure.problem(), Problem::TimedOut(_)), "{failure}");
/// }
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Failure {
    wanted: String,
    problem: Problem,
    before: Vec<String>,
}

/// The actual result, in place of the expected one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing happened within the client's [`timeout`](super::Builder::timeout).
    TimedOut(Duration),
    /// The server sent this event.
    Came {
        /// The event's name on the wire.
        event: String,
        /// Its arguments as JSON; binary data is `{"_binary": [0, 1, …]}`.
        arguments: Vec<Value>,
    },
    /// The client is not connected to the namespace.
    Disconnected(Disconnected),
    /// The server rejected the event.
    Rejected(Rejection),
    /// The server sent something that does not match the declared types.
    Invalid(String),
    /// A value that the test sends cannot be encoded.
    Emit(EmitError),
    /// There is no connection to the server.
    Unreachable(String),
}

impl Failure {
    pub(super) fn new(wanted: impl Into<String>, problem: Problem) -> Self {
        Self {
            wanted: wanted.into(),
            problem,
            before: Vec::new(),
        }
    }

    /// Adds the events that came before, the latest last.
    pub(super) fn after(mut self, before: impl IntoIterator<Item = String>) -> Self {
        self.before = before.into_iter().collect();
        self
    }

    /// Returns the actual result.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Returns the server's rejection of the event, if that is the problem.
    pub fn rejection(&self) -> Option<&Rejection> {
        match &self.problem {
            Problem::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, {}", self.wanted, self.problem)?;
        if !self.before.is_empty() {
            f.write_str("\nearlier events:")?;
        }
        for event in &self.before {
            write!(f, "\n  {event}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(timeout) => write!(f, "but timed out after {timeout:?}"),
            Self::Came { event, arguments } => {
                let arguments = Ok(arguments.clone());
                write!(
                    f,
                    "but received `{}`",
                    super::shown::event(event, &arguments)
                )
            }
            Self::Disconnected(reason) => write!(f, "but the client is disconnected: {reason}"),
            Self::Rejected(rejection) => {
                write!(f, "but the event was rejected: {rejection}")
            }
            Self::Invalid(reason) => write!(f, "but the result is invalid: {reason}"),
            Self::Emit(error) => write!(f, "but sending failed: {error}"),
            Self::Unreachable(reason) => write!(f, "but there is no connection: {reason}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}
