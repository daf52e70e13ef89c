//! The events that a client has received and the test has not taken.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use serde_json::Value as Json;
use tokio::sync::Notify;

use super::{
    failure::{Failure, Problem},
    shown,
};
use crate::{
    protocol::{Sid, Value},
    wire::message::Message,
};

/// Maximum number of earlier events in a failure's text.
const LOG: usize = 16;

/// Reason of a client's disconnection from a namespace
/// ([`disconnect`](https://socket.io/docs/v4/client-api/#event-disconnect)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disconnected {
    /// The server disconnected the client: `io server disconnect`.
    ByServer,
    /// The test called [`Client::disconnect`](super::Client::disconnect): `io client disconnect`.
    ByClient,
    /// The connection was closed or broken: `transport close`.
    ConnectionLost,
}

impl fmt::Display for Disconnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByServer => "io server disconnect",
            Self::ByClient => "io client disconnect",
            Self::ConnectionLost => "transport close",
        })
    }
}

/// Everything that was received over one connection.
#[derive(Default)]
pub(super) struct Received {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) is_open: bool,
    /// The reason why the connection has ended.
    pub(super) end: Option<String>,
    /// The barriers that the server has answered.
    pub(super) passed: HashSet<i64>,
    pub(super) namespaces: HashMap<String, Inbox>,
}

impl State {
    /// Starts to connect to a namespace. Returns `false` if a client is in it already.
    pub(super) fn begin(&mut self, path: &str) -> bool {
        let inbox = self.namespaces.get(path);
        let is_free = inbox.is_none_or(|it| matches!(it.phase, Phase::Gone(_) | Phase::Refused(_)));
        if is_free {
            self.namespaces.insert(path.to_owned(), Inbox::default());
        }
        is_free
    }
}

impl Received {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.changed.notify_waiters();
        changed
    }

    /// Waits until `look` returns a value. Returns `None` if it does not in time.
    pub(super) async fn wait<T>(
        &self,
        timeout: Duration,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let found = async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                // Changes from here on wake this task.
                changed.as_mut().enable();
                if let Some(found) = look(&mut self.state()) {
                    return found;
                }
                changed.await;
            }
        };
        tokio::time::timeout(timeout, found).await.ok()
    }
}

/// The state of one namespace of a connection.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) phase: Phase,
    pub(super) events: VecDeque<Incoming>,
    /// The events that were taken, and whose answer the server waits for.
    pub(super) questions: Vec<Incoming>,
    pub(super) answers: HashMap<i64, Message<'static>>,
    log: VecDeque<String>,
}

#[derive(Default)]
pub(super) enum Phase {
    #[default]
    Connecting,
    Connected(Sid),
    Refused(String),
    Gone(Disconnected),
}

impl Inbox {
    /// Takes the next event. Returns `Err` if no more events will arrive.
    pub(super) fn take(&mut self) -> Option<Result<Incoming, Disconnected>> {
        let Some(incoming) = self.events.pop_front() else {
            return self.gone().map(Err);
        };
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back(incoming.to_string());
        if incoming.id.is_some() {
            self.questions.push(incoming.clone());
        }
        Some(Ok(incoming))
    }

    pub(super) fn gone(&self) -> Option<Disconnected> {
        match self.phase {
            Phase::Gone(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns the events that were taken, except for the last `but` of them.
    pub(super) fn log(&self, but: usize) -> Vec<String> {
        let count = self.log.len().saturating_sub(but);
        self.log.iter().take(count).cloned().collect()
    }

    /// Returns all received events that are still known.
    pub(super) fn seen(&self) -> Vec<String> {
        let waiting = self.events.iter().take(LOG).map(Incoming::to_string);
        self.log(0).into_iter().chain(waiting).collect()
    }

    /// Records the loss of the connection.
    pub(super) fn lose(&mut self) {
        if !matches!(self.phase, Phase::Gone(_) | Phase::Refused(_)) {
            self.phase = Phase::Gone(Disconnected::ConnectionLost);
        }
    }
}

/// An event that was received.
#[derive(Clone)]
pub(super) struct Incoming {
    pub(super) value: Value,
    pub(super) name: String,
    pub(super) arguments: Result<Vec<Json>, String>,
    /// Id of the acknowledgement, if the server waits for one.
    pub(super) id: Option<i64>,
}

impl Incoming {
    /// Creates the event. Returns `None` if the value is not an event.
    pub(super) fn new(value: Value, id: Option<i64>) -> Option<Self> {
        let message = Message::from_event(value.clone())?;
        Some(Self {
            name: message.event().to_owned(),
            arguments: shown::arguments(&message),
            value,
            id,
        })
    }

    /// Returns the failure for an event that was not expected.
    pub(super) fn unexpected(&self, wanted: &str) -> Failure {
        let problem = match &self.arguments {
            Ok(arguments) => Problem::Came {
                event: self.name.clone(),
                arguments: arguments.clone(),
            },
            Err(_) => Problem::Invalid(self.to_string()),
        };
        Failure::new(wanted, problem)
    }

    /// `true` if both events have the same name and arguments.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments.is_ok() && self.arguments == other.arguments
    }
}

impl fmt::Display for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown::event(&self.name, &self.arguments))
    }
}
