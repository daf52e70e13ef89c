//! From a connection to the namespaces that its client is in.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
};

use socketioxide_core::Sid;

use super::seats::Seat;

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
    links: Weak<Links>,
    /// Whether it began with polling, so that a WebSocket may take its place.
    is_sought: bool,
    /// The connection's id, if it is among the links.
    listed: OnceLock<Sid>,
    /// What counts it, where connections are counted.
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

    pub(super) fn route(&self, namespace: &str) -> Option<Arc<dyn Route>> {
        let routes = lock(&self.routes);
        let found = routes.iter().find(|(path, _)| path == namespace);
        found.map(|(_, route)| route.clone())
    }

    /// The connection is gone; a program may keep one of its sockets, and with it this.
    pub(crate) fn end(&self) {
        if let Some(seat) = &self.seat {
            seat.give_back();
        }
    }

    /// Makes a connection that began with polling known to the WebSocket that may take its place, or has taken it while
    /// the client was being let in.
    pub(crate) fn list(self: &Arc<Self>, connection: Sid) {
        if self.is_sought
            && let Some(links) = self.links.upgrade()
            && self.listed.set(connection).is_ok()
        {
            lock(&links.0).insert(connection, Arc::downgrade(self));
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let (Some(connection), Some(links)) = (self.listed.get(), self.links.upgrade()) {
            lock(&links.0).remove(connection);
        }
    }
}

/// The connections that began with polling, by their ids.
#[derive(Default)]
pub(crate) struct Links(Mutex<HashMap<Sid, Weak<Link>>>);

impl Links {
    /// For a connection that begins.
    pub(super) fn begin(self: &Arc<Self>, is_websocket: bool, seat: Option<Box<Seat>>) -> Arc<Link> {
        Arc::new(Link {
            routes: Mutex::default(),
            links: Arc::downgrade(self),
            is_sought: !is_websocket,
            listed: OnceLock::new(),
            seat,
        })
    }

    pub(super) fn find(&self, connection: Sid) -> Option<Arc<Link>> {
        lock(&self.0).get(&connection)?.upgrade()
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
        assert!(lock(&links.0).is_empty());
    }
}
