//! Sockets wherever in the cluster they are connected.

use socketioxide::socket::Sid;
use socketioxide_core::adapter::{Room, RoomParam};

use crate::{
    emit::ToSocket,
    error::EmitError,
    namespace::{Emitter, Namespace},
    socket::Socket,
};

/// A socket found by [`fetch_sockets`](crate::Broadcast::fetch_sockets), on whichever server it is connected
/// ([`RemoteSocket`](https://socket.io/docs/v4/server-api/#remotesocket)).
pub struct RemoteSocket<N: Namespace> {
    socket: Socket<N>,
}

impl<N: Namespace> RemoteSocket<N> {
    pub(crate) fn new(socket: Socket<N>) -> Self {
        Self { socket }
    }

    /// The socket's id.
    pub fn id(&self) -> Sid {
        self.socket.id()
    }

    /// What the socket carries.
    pub fn data(&self) -> &N::SocketData {
        self.socket.data()
    }

    /// The namespace that it is connected to, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        self.socket.namespace()
    }

    /// The events that can be sent to it.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> Emitter<N, ToSocket<'_, N>> {
        self.socket.emit()
    }

    /// The rooms that it has joined.
    pub async fn rooms(&self) -> Result<Vec<Room>, EmitError> {
        Ok(self.socket.rooms())
    }

    /// Makes it join rooms.
    pub async fn join(&self, rooms: impl RoomParam) -> Result<(), EmitError> {
        self.socket.join(rooms);
        Ok(())
    }

    /// Makes it leave rooms.
    pub async fn leave(&self, rooms: impl RoomParam) -> Result<(), EmitError> {
        self.socket.leave(rooms);
        Ok(())
    }

    /// Disconnects it from the namespace.
    pub async fn disconnect(self) -> Result<(), EmitError> {
        self.socket.disconnect()
    }
}
