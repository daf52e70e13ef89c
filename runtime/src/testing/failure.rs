//! What went otherwise than a test wanted.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::inbox::Disconnected;
use crate::{contract::error::EmitError, wire::acknowledgement::Rejection};

/// What went otherwise than a test wanted: what was waited for, what was there instead, and what had come before.
///
/// Its `Debug` is the same text as its `Display`, so that a test that returns it is readable.
#[derive(Clone, PartialEq)]
pub struct Failure {
    wanted: String,
    problem: Problem,
    before: Vec<String>,
}

/// What was there instead of what a test wanted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing, for as long as the client's [`timeout`](super::Builder::timeout).
    TimedOut(Duration),
    /// This event.
    Came {
        /// The event's name on the wire.
        event: String,
        /// Its arguments as JSON; binary data is `{"_binary": [0, 1, …]}`.
        arguments: Vec<Value>,
    },
    /// The client is not connected to the namespace.
    Disconnected(Disconnected),
    /// The server did not handle the event, and said so.
    Rejected(Rejection),
    /// Something came that is not as it was declared.
    Invalid(String),
    /// What the test sends has no form on the wire.
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

    /// Adds what had come before, the latest last.
    pub(super) fn after(mut self, before: impl IntoIterator<Item = String>) -> Self {
        self.before = before.into_iter().collect();
        self
    }

    /// What was there instead.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Why the server did not handle the event, if that is the problem.
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
            f.write_str("\nbefore that came:")?;
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
            Self::TimedOut(timeout) => write!(f, "but it did not come within {timeout:?}"),
            Self::Came { event, arguments } => {
                let arguments = Ok(arguments.clone());
                write!(f, "but `{}` came", super::shown::event(event, &arguments))
            }
            Self::Disconnected(reason) => write!(f, "but the client is disconnected: {reason}"),
            Self::Rejected(rejection) => {
                write!(f, "but the event was rejected: {rejection}")
            }
            Self::Invalid(reason) => write!(f, "but what came is not valid: {reason}"),
            Self::Emit(error) => write!(f, "but it cannot be sent: {error}"),
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
