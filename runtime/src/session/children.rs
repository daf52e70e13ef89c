//! The children of a dynamic namespace: how many there may be, and that none is left without clients.
//!
//! socketioxide makes a child when a client asks for it, whoever that is. Here its visitors are counted, from before they
//! are let in until they have left; a child without any is deleted.

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

/// How long a child is kept when its last visitor has left.
///
/// Who comes in the moment in which it is deleted has to connect again; who comes a little later does not.
const LINGER: Duration = Duration::from_millis(250);

/// The children of one namespace, and how many visitors each has.
pub(crate) struct Children {
    most: usize,
    clients: Mutex<HashMap<String, usize>>,
}

/// Why a client does not get into a child.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// There are too many others.
    TooMany,
    /// It was deleted, or replaced, since the client asked for it.
    Gone,
}

impl Children {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            clients: Mutex::default(),
        }
    }

    /// Notes that a client is in a child, or about to be let in; for as long as the visit is there.
    pub(crate) fn enter(
        self: &Arc<Self>,
        bus: &Arc<Bus>,
        socket: &Arc<RawSocket>,
    ) -> Result<ChildLease, Closed> {
        let path = socket.ns();
        let mut clients = self.clients();
        // Nothing is deleted while the lock is held.
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

    /// Deletes the child that a client has asked for who is not even let through the door, unless others are in it.
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

/// A client's stay in a child.
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

/// Deletes a child without visitors; under the lock, so that none comes meanwhile.
fn delete(bus: &Bus, io: &RawIo, path: &str) {
    tracing::debug!(namespace = path, "a child without clients is deleted");
    bus.unsubscribe(path, || io.delete_ns(path));
}

/// `true` if a socket, which is in no room yet, is in the namespace that has its path now.
fn is_current(bus: &Bus, socket: &RawSocket) -> bool {
    socket.join(socket.id);
    let is_current = bus.cluster().namespaces.is_current(socket.ns(), socket.id);
    socket.leave_all();
    is_current
}
