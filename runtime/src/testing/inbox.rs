//! What has come to a client and was not looked at yet.

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

/// How many events a failure tells of that had come before.
const LOG: usize = 16;

/// Why a client is not connected to a namespace any more
/// ([`disconnect`](https://socket.io/docs/v4/client-api/#event-disconnect)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disconnected {
    /// The server has disconnected it: `io server disconnect`.
    ByServer,
    /// [`Client::disconnect`](super::Client::disconnect): `io client disconnect`.
    ByClient,
    /// The connection was closed, or has broken: `transport close`.
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

/// What has come over one connection.
#[derive(Default)]
pub(super) struct Received {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) is_open: bool,
    /// Why nothing comes any more.
    pub(super) end: Option<String>,
    /// The barriers that were answered.
    pub(super) passed: HashSet<i64>,
    pub(super) namespaces: HashMap<String, Inbox>,
}

impl State {
    /// Begins to enter a namespace; not if there is somebody in it.
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

    /// Waits until there is what `look` looks for; `None` if it is not there in time.
    pub(super) async fn wait<T>(
        &self,
        timeout: Duration,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let found = async {
            loop {
                let mut changed = std::pin::pin!(self.changed.notified());
                // What comes from now on wakes it.
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

/// One namespace of a connection.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) phase: Phase,
    pub(super) events: VecDeque<Incoming>,
    /// The events that were looked at, and that the server waits for an answer to.
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
    /// Takes the next event; `Err` if none will come.
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

    /// The events that were looked at, but for the last `but` of them.
    pub(super) fn log(&self, but: usize) -> Vec<String> {
        let count = self.log.len().saturating_sub(but);
        self.log.iter().take(count).cloned().collect()
    }

    /// All events that have come, as far as they are still known.
    pub(super) fn seen(&self) -> Vec<String> {
        let waiting = self.events.iter().take(LOG).map(Incoming::to_string);
        self.log(0).into_iter().chain(waiting).collect()
    }

    /// The connection is lost.
    pub(super) fn lose(&mut self) {
        if !matches!(self.phase, Phase::Gone(_) | Phase::Refused(_)) {
            self.phase = Phase::Gone(Disconnected::ConnectionLost);
        }
    }
}

/// An event that has come.
#[derive(Clone)]
pub(super) struct Incoming {
    pub(super) value: Value,
    pub(super) name: String,
    pub(super) arguments: Result<Vec<Json>, String>,
    /// What its answer is known by, if the server waits for one.
    pub(super) id: Option<i64>,
}

impl Incoming {
    /// `None` if it is no event.
    pub(super) fn new(value: Value, id: Option<i64>) -> Option<Self> {
        let message = Message::from_event(value.clone())?;
        Some(Self {
            name: message.event().to_owned(),
            arguments: shown::arguments(&message),
            value,
            id,
        })
    }

    /// The failure of one that was not expected.
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

    /// `true` if it has the name and the arguments of another.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments.is_ok() && self.arguments == other.arguments
    }
}

impl fmt::Display for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown::event(&self.name, &self.arguments))
    }
}
