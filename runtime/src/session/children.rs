//! Children of a dynamic namespace: limits their number and deletes those without clients.
//!
//! socketioxide creates a child whenever a client asks for it, even before authentication. This module counts the
//! clients of a child, from before their authentication until they have left, and deletes a child without clients.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::runtime::Handle;

use crate::{
    cluster::bus::Bus,
    upstream::{RawIo, RawSocket, extract::server},
};

/// Time for which a child is kept after its last client has left.
///
/// A client that connects at the moment of deletion has to reconnect; a client that connects a little later does not.
const LINGER: Duration = Duration::from_millis(250);

/// Children of one namespace, with the number of clients in each.
pub(crate) struct Children {
    most: usize,
    clients: Mutex<HashMap<String, usize>>,
}

/// Reason why a client cannot enter a child.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The namespace has too many other children.
    TooMany,
    /// The child was deleted or replaced since the client asked for it.
    Gone,
}

impl Children {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            clients: Mutex::default(),
        }
    }

    /// Counts a client that is in a child or connects to it, for as long as the returned lease exists.
    pub(crate) fn enter(
        self: &Arc<Self>,
        bus: &Arc<Bus>,
        socket: &Arc<RawSocket>,
    ) -> Result<ChildLease, Closed> {
        let path = socket.ns();
        let mut clients = self.clients();
        // No child is deleted while the lock is held.
        if !is_current(bus, socket) {
            return Err(Closed::Gone);
        }
        if let Some(count) = clients.get_mut(path) {
            *count += 1;
        } else if clients.len() < self.most {
            clients.insert(path.to_owned(), 1);
        } else {
            return Err(Closed::TooMany);
        }
        Ok(ChildLease {
            children: self.clone(),
            bus: bus.clone(),
            io: server(socket),
            path: path.to_owned(),
            runtime: Handle::current(),
        })
    }

    /// Deletes the child of a client that was rejected before it entered, unless other clients are in the child.
    pub(crate) fn turn_away(&self, bus: &Bus, socket: &Arc<RawSocket>) {
        let clients = self.clients();
        if !clients.contains_key(socket.ns()) && is_current(bus, socket) {
            delete(bus, &server(socket), socket.ns());
        }
    }

    fn leave(&self, bus: &Bus, io: &RawIo, path: &str) {
        let mut clients = self.clients();
        let Some(count) = clients.get_mut(path) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            clients.remove(path);
            delete(bus, io, path);
        }
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lease of one client, which keeps a child alive.
pub(crate) struct ChildLease {
    children: Arc<Children>,
    bus: Arc<Bus>,
    io: RawIo,
    path: String,
    runtime: Handle,
}

impl Drop for ChildLease {
    fn drop(&mut self) {
        let (children, bus) = (self.children.clone(), self.bus.clone());
        let io = self.io.clone();
        let path = std::mem::take(&mut self.path);
        self.runtime.spawn(async move {
            tokio::time::sleep(LINGER).await;
            children.leave(&bus, &io, &path);
        });
    }
}

/// Deletes a child without clients. The caller holds the lock, so that no client enters meanwhile.
fn delete(bus: &Bus, io: &RawIo, path: &str) {
    tracing::debug!(namespace = path, "empty child namespace deleted");
    bus.unsubscribe(path, || io.delete_ns(path));
}

/// Returns `true` if the socket's namespace is still the one at its path. The socket must not be in any room yet,
/// because this joins a room and leaves all.
fn is_current(bus: &Bus, socket: &RawSocket) -> bool {
    socket.join(socket.id);
    let is_current = bus.cluster().namespaces.is_current(socket.ns(), socket.id);
    socket.leave_all();
    is_current
}
