//! Catch-all listeners and middleware of a socket.

use std::{
    fmt,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    contract::namespace::{IncomingEvent, Namespace, OutgoingEvent},
    support::task::BoxFuture,
};

type Listener<E> = Arc<dyn Fn(&E) + Send + Sync>;
type Middleware<N> =
    Arc<dyn Fn(Arc<IncomingEvent<N>>) -> BoxFuture<Result<(), MiddlewareError>> + Send + Sync>;

/// Error with which [middleware](crate::Socket::use_middleware) rejects an event. The client receives its message if
/// the event's acknowledgement is fallible.
///
/// ```
/// use sio_types::MiddlewareError;
///
/// let error: MiddlewareError = "too many messages".into();
/// assert_eq!(error.to_string(), "too many messages");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MiddlewareError(String);

impl MiddlewareError {
    /// Creates an error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for MiddlewareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Into<String>> From<T> for MiddlewareError {
    fn from(message: T) -> Self {
        Self::new(message)
    }
}

/// List that is usually empty; one atomic load is enough to check that.
pub(crate) struct Registered<T> {
    any: AtomicBool,
    entries: RwLock<Vec<T>>,
}

impl<T> Default for Registered<T> {
    fn default() -> Self {
        Self {
            any: AtomicBool::new(false),
            entries: RwLock::default(),
        }
    }
}

impl<T: Clone> Registered<T> {
    pub(crate) fn add(&self, entry: T) {
        let mut entries = self
            .entries
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        entries.push(entry);
        self.any.store(true, Ordering::Release);
    }

    /// Returns a clone of the entries, because a listener may register another one.
    pub(crate) fn get(&self) -> Option<Vec<T>> {
        if self.is_empty() {
            return None;
        }
        let entries = self
            .entries
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Some(entries.clone())
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .len()
    }
}

pub(crate) struct Listeners<N: Namespace> {
    pub(crate) incoming: Registered<Listener<IncomingEvent<N>>>,
    pub(crate) outgoing: Registered<Listener<OutgoingEvent<N>>>,
    pub(crate) middleware: Registered<Middleware<N>>,
}

impl<N: Namespace> Listeners<N> {
    /// Returns `true` if a listener or middleware receives events before the handler.
    pub(crate) fn want_incoming(&self) -> bool {
        !self.incoming.is_empty() || !self.middleware.is_empty()
    }
}

impl<N: Namespace> Default for Listeners<N> {
    fn default() -> Self {
        Self {
            incoming: Registered::default(),
            outgoing: Registered::default(),
            middleware: Registered::default(),
        }
    }
}
