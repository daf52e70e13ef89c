//! From a connection to the namespaces that its client is in.

use std::{
    borrow::Cow,
    collections::HashMap,
    future::poll_fn,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use socketioxide_core::Sid;

use super::seats::Seat;
use crate::shutdown::Work;

/// Why a connection has ended that was in no namespace, as metrics say it.
const UNUSED: &str = "no_namespace";

/// Takes the events of one socket.
pub(crate) trait Route: Send + Sync {
    /// Handles an event, given as its JSON; or does nothing, if the engine is to have it.
    fn take(self: Arc<Self>, payload: &str, id: Option<i64>) -> bool;
}

/// A namespace's path, and where its events go.
type Routed = (Cow<'static, str>, Arc<dyn Route>);

/// The sockets of one connection.
pub(crate) struct Link {
    routes: Mutex<Vec<Routed>>,
    /// In how many namespaces its client is, or is being let into.
    namespaces: AtomicUsize,
    links: Weak<Links>,
    /// Whether it began with polling, so that a WebSocket may take its place.
    is_sought: bool,
    /// The connection's id, if it is among the links.
    listed: OnceLock<Sid>,
    /// Who reads what the client sends.
    reader: AtomicWaker,
    /// Whether the connection is to end.
    is_closed: AtomicBool,
    /// Whether nothing more is to be read from the client for now.
    is_paused: AtomicBool,
    /// Whether somebody wants to know when all is sent.
    is_watched: AtomicBool,
    is_sent: AtomicBool,
    watcher: AtomicWaker,
    /// Whether it is among the open connections.
    is_open: AtomicBool,
    /// Whether its client has been let into a namespace.
    is_used: AtomicBool,
    /// What counts it, where connections are counted by address.
    seat: Option<Box<Seat>>,
}

impl Link {
    /// From now on, the events of this namespace go there.
    pub(crate) fn add(&self, namespace: Cow<'static, str>, route: Arc<dyn Route>) {
        self.remove(&namespace);
        let mut routes = lock(&self.routes);
        // Most clients are in one.
        routes.reserve_exact(1);
        routes.push((namespace, route));
    }

    pub(crate) fn remove(&self, namespace: &str) {
        let mut routes = lock(&self.routes);
        let place = routes.iter().position(|(path, _)| path == namespace);
        let removed = place.map(|place| routes.swap_remove(place));
        drop(routes);
        // It may have a user's value, whose destructor is not to run under the lock.
        drop(removed);
    }

    /// Counts one more namespace, for as long as what this returns is there; `None` if there are as many already.
    pub(crate) fn enter(self: &Arc<Self>, most: usize) -> Option<Place> {
        let before = self.namespaces.fetch_add(1, Ordering::Relaxed);
        let place = Place(self.clone());
        (before < most).then_some(place)
    }

    pub(super) fn route(&self, namespace: &str) -> Option<Arc<dyn Route>> {
        let routes = lock(&self.routes);
        let found = routes.iter().find(|(path, _)| path == namespace);
        found.map(|(_, route)| route.clone())
    }

    /// The engine has taken the connection.
    pub(super) fn open(&self) {
        if let Some(links) = self.links.upgrade()
            && !self.is_open.swap(true, Ordering::Relaxed)
        {
            links.work.connection_opened();
        }
    }

    /// The client has been let into a namespace, which is told when the connection ends.
    pub(crate) fn note_use(&self) {
        self.is_used.store(true, Ordering::Relaxed);
    }

    /// There is nothing to be read any more.
    pub(super) fn end_reading(&self) {
        self.give_back();
        // Of the end of the others a namespace is told, and why.
        if !self.is_used.load(Ordering::Relaxed) {
            self.note_end(UNUSED);
        }
    }

    /// The connection is gone; a program may keep one of its sockets, and with it this.
    pub(crate) fn end(&self, reason: &'static str) {
        self.give_back();
        self.note_end(reason);
    }

    fn give_back(&self) {
        if let Some(seat) = &self.seat {
            seat.give_back();
        }
    }

    fn note_end(&self, reason: &'static str) {
        if self.is_open.swap(false, Ordering::Relaxed)
            && let Some(links) = self.links.upgrade()
        {
            links.work.connection_closed(reason);
        }
    }

    /// Whether the server has ended its connections.
    pub(super) fn is_server_closed(&self) -> bool {
        let links = self.links.upgrade();
        links.is_some_and(|links| links.work.is_closed())
    }

    /// Makes a connection that began with polling known to the WebSocket that may take its place, or has taken it while
    /// the client was being let in.
    pub(crate) fn list(self: &Arc<Self>, connection: Sid) {
        if self.is_sought
            && let Some(links) = self.links.upgrade()
            && self.listed.set(connection).is_ok()
        {
            lock(&links.by_id).insert(connection, Arc::downgrade(self));
        }
    }
}

/// How the connection goes on, if it is a WebSocket.
impl Link {
    /// Ends the connection, without a word to the client; over which it connects again.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.reader.wake();
    }

    /// Reads nothing more from the client, until [`resume`](Self::resume).
    pub(crate) fn pause(&self) {
        self.is_paused.store(true, Ordering::Release);
    }

    pub(crate) fn resume(&self) {
        if self.is_paused.swap(false, Ordering::AcqRel) {
            self.reader.wake();
        }
    }

    /// What is sent from now on is noted for [`sent`](Self::sent).
    pub(crate) fn watch(&self) {
        self.is_watched.store(true, Ordering::Release);
        self.is_sent.store(false, Ordering::Release);
    }

    /// Resolves when all that there was to send has been sent since [`watch`](Self::watch).
    pub(crate) async fn sent(&self) {
        poll_fn(|context| {
            self.watcher.register(context.waker());
            match self.is_sent.load(Ordering::Acquire) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        self.is_watched.store(false, Ordering::Release);
    }

    /// Notes that all is sent.
    pub(super) fn note_sent(&self) {
        if self.is_watched.load(Ordering::Acquire) {
            self.is_sent.store(true, Ordering::Release);
            self.watcher.wake();
        }
    }

    /// Notes who reads, and says whether it is to go on.
    pub(super) fn reading(&self, context: &Context<'_>) -> Reading {
        self.reader.register(context.waker());
        if self.is_closed.load(Ordering::Acquire) {
            Reading::Closed
        } else if self.is_paused.load(Ordering::Acquire) {
            Reading::Paused
        } else {
            Reading::Open
        }
    }
}

/// Whether a client's connection is to be read.
pub(super) enum Reading {
    Open,
    Paused,
    Closed,
}

/// A namespace among those of a connection.
pub(crate) struct Place(Arc<Link>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.namespaces.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // One whose end nobody was told of.
        self.note_end(UNUSED);
        if let (Some(connection), Some(links)) = (self.listed.get(), self.links.upgrade()) {
            lock(&links.by_id).remove(connection);
        }
    }
}

/// The connections of a server.
#[derive(Default)]
pub(crate) struct Links {
    /// Those that began with polling.
    by_id: Mutex<HashMap<Sid, Weak<Link>>>,
    pub(super) work: Arc<Work>,
}

impl Links {
    pub(super) fn of(work: &Arc<Work>) -> Arc<Self> {
        Arc::new(Self {
            by_id: Mutex::default(),
            work: work.clone(),
        })
    }

    /// For a connection that begins.
    pub(super) fn begin(
        self: &Arc<Self>,
        is_websocket: bool,
        seat: Option<Box<Seat>>,
    ) -> Arc<Link> {
        Arc::new(Link {
            routes: Mutex::default(),
            namespaces: AtomicUsize::new(0),
            links: Arc::downgrade(self),
            is_sought: !is_websocket,
            listed: OnceLock::new(),
            reader: AtomicWaker::new(),
            is_closed: AtomicBool::new(false),
            is_open: AtomicBool::new(false),
            is_used: AtomicBool::new(false),
            is_paused: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
            is_sent: AtomicBool::new(false),
            watcher: AtomicWaker::new(),
            seat,
        })
    }

    pub(super) fn find(&self, connection: Sid) -> Option<Arc<Link>> {
        lock(&self.by_id).get(&connection)?.upgrade()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_began_with_polling_are_found_as_long_as_they_are_there() {
        let links = Arc::<Links>::default();
        let connection = Sid::new();
        let websocket = links.begin(true, None);
        websocket.list(connection);
        assert!(links.find(connection).is_none());
        let polling = links.begin(false, None);
        polling.list(connection);
        // The next namespace.
        polling.list(connection);
        let found = links.find(connection).expect("it is listed");
        assert!(Arc::ptr_eq(&found, &polling));
        drop((found, polling));
        assert!(links.find(connection).is_none());
        assert!(lock(&links.by_id).is_empty());
    }
}
