//! What a program hangs on one socket besides its handler: catch-all listeners and middleware.

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

/// Why a middleware refuses an event; the client is told where the acknowledgement is fallible.
///
/// ```
/// use sio_types::MiddlewareError;
///
/// let refusal: MiddlewareError = "too many messages".into();
/// assert_eq!(refusal.to_string(), "too many messages");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MiddlewareError(String);

impl MiddlewareError {
    /// A refusal with this message.
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

/// A list that is usually empty, which costs one load to see.
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

    /// The entries, cloned: a listener may register another one.
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
    /// `true` if anything is told of an event before its handler.
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
