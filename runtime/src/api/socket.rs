//! Emits from a socket to its own client and to others.

use std::time::Duration;

use super::{broadcast::Broadcast, emit::SocketTarget};
use crate::{
    cluster::bus::envelope::Selection,
    contract::namespace::{EventEmitter, Namespace},
    protocol::RoomParam,
    session::socket::Socket,
    upstream::Operators,
};

impl<N: Namespace> Socket<N> {
    /// Returns an emitter to this client, with one method per event.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> EventEmitter<N, SocketTarget<'_, N>> {
        SocketOperators::new(self).emit()
    }

    /// Sets how long to wait for the client's acknowledgement.
    pub fn timeout(&self, timeout: Duration) -> SocketOperators<'_, N> {
        SocketOperators::new(self).timeout(timeout)
    }

    /// Makes the event volatile: it may be dropped if the client is not ready.
    pub fn volatile(&self) -> SocketOperators<'_, N> {
        SocketOperators::new(self).volatile()
    }

    fn others(&self, operators: Operators, selection: Selection) -> Broadcast<N> {
        let shared = &self.state.shared;
        Broadcast::new(
            vec![operators],
            self.raw.ns(),
            Some(shared.clone()),
            shared.bus(),
        )
        .selecting(selection)
    }

    /// Selects the other sockets in at least one of these rooms; nobody if the list of rooms is empty.
    pub fn to(&self, rooms: impl RoomParam) -> Broadcast<N> {
        let selection = Selection::of(rooms);
        let targets = self.raw.to(selection.rooms.clone());
        self.others(targets, selection).narrowed()
    }

    /// Selects the sockets in at least one of these rooms, including this one; nobody if the list of rooms is empty.
    pub fn within(&self, rooms: impl RoomParam) -> Broadcast<N> {
        let selection = Selection::of(rooms);
        let targets = self.raw.within(selection.rooms.clone());
        self.others(targets, selection).narrowed()
    }

    /// Selects the other sockets, except those in any of these rooms.
    pub fn except(&self, rooms: impl RoomParam) -> Broadcast<N> {
        let except = Selection::of(rooms).rooms;
        let operators = self.raw.except(except.clone());
        let rooms = Vec::new();
        self.others(operators, Selection { rooms, except })
    }

    /// Selects all other sockets of the namespace.
    pub fn broadcast(&self) -> Broadcast<N> {
        self.others(self.raw.broadcast(), Selection::default())
    }

    /// Selects all other sockets of the namespace on this server.
    pub fn local(&self) -> Broadcast<N> {
        self.broadcast().local()
    }
}

/// Settings for one emit to one socket.
#[derive(Debug)]
#[must_use = "nothing is sent before `emit`"]
pub struct SocketOperators<'s, N: Namespace> {
    socket: &'s Socket<N>,
    timeout: Option<Duration>,
    volatile: bool,
}

impl<'s, N: Namespace> SocketOperators<'s, N> {
    fn new(socket: &'s Socket<N>) -> Self {
        Self {
            socket,
            timeout: None,
            volatile: false,
        }
    }

    /// Sets how long to wait for the client's acknowledgement.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Makes the event volatile: it may be dropped if the client is not ready.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Returns an emitter with one method per event.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> EventEmitter<N, SocketTarget<'s, N>> {
        SocketTarget {
            socket: self.socket,
            timeout: self.timeout,
            volatile: self.volatile,
        }
        .into()
    }
}
