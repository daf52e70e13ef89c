//! From a connection to the namespaces that its client is in.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Context,
};

use futures_util::task::AtomicWaker;
use socketioxide_core::Sid;
use tokio::sync::{Notify, futures::Notified};

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
    /// For how many sockets nothing more is to be read from the client for now.
    pauses: AtomicUsize,
    /// Whether somebody wants to know when all is sent.
    is_watched: AtomicBool,
    sent: Notify,
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
    /// Ends the connection, without a word to the client, which connects again; `false` if that was done before.
    pub(crate) fn close(&self) -> bool {
        let is_first = !self.is_closed.swap(true, Ordering::AcqRel);
        self.reader.wake();
        is_first
    }

    /// Reads nothing more from the client, for as long as what this returns is there.
    pub(crate) fn pause(self: &Arc<Self>) -> Pause {
        self.pauses.fetch_add(1, Ordering::AcqRel);
        Pause(self.clone())
    }

    /// Resolves when all that there was to send has been sent since this was called, for each socket that waits.
    pub(crate) fn sent(&self) -> Notified<'_> {
        let sent = self.sent.notified();
        self.is_watched.store(true, Ordering::Release);
        sent
    }

    /// Notes that all is sent.
    pub(super) fn note_sent(&self) {
        if self.is_watched.load(Ordering::Relaxed) && self.is_watched.swap(false, Ordering::AcqRel)
        {
            self.sent.notify_waiters();
        }
    }

    /// Notes who reads, and says whether it is to go on.
    pub(super) fn reading(&self, context: &Context<'_>) -> Reading {
        self.reader.register(context.waker());
        if self.is_closed.load(Ordering::Acquire) {
            Reading::Closed
        } else if self.pauses.load(Ordering::Acquire) > 0 {
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

/// That a client's connection is not read, for one of its sockets.
pub(crate) struct Pause(Arc<Link>);

impl Drop for Pause {
    fn drop(&mut self) {
        if self.0.pauses.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.reader.wake();
        }
    }
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
            pauses: AtomicUsize::new(0),
            is_watched: AtomicBool::new(false),
            sent: Notify::const_new(),
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
    use futures_util::FutureExt;

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

    #[test]
    fn a_connection_is_ended_once() {
        let link = Arc::<Links>::default().begin(true, None);
        assert!(link.close());
        assert!(!link.close());
    }

    #[tokio::test]
    async fn all_who_wait_for_what_is_sent_hear_of_it() {
        let link = Arc::<Links>::default().begin(true, None);
        let both = futures_util::future::join(link.sent(), link.sent());
        link.note_sent();
        let limit = std::time::Duration::from_secs(5);
        let heard = tokio::time::timeout(limit, both).await;
        heard.expect("both hear of it");
        assert!(link.sent().now_or_never().is_none());
    }

    #[test]
    fn a_connection_is_read_when_nobody_keeps_it_from_being_read() {
        let link = Arc::<Links>::default().begin(true, None);
        let is_paused = || {
            let context = Context::from_waker(std::task::Waker::noop());
            matches!(link.reading(&context), Reading::Paused)
        };
        let (first, second) = (link.pause(), link.pause());
        drop(first);
        assert!(is_paused());
        drop(second);
        assert!(!is_paused());
    }
}
