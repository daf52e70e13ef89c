//! Actions on the selected sockets: rooms and disconnection.

use futures_util::future::join_all;

use super::{Broadcast, Scope};
use crate::{
    api::emit::EmitFuture,
    cluster::bus::envelope::{Action, names},
    contract::{
        error::{DisconnectError, EmitError},
        namespace::Namespace,
    },
    protocol::{Room, RoomParam},
    session::{disconnect::disconnect_raw, socket::Socket},
    upstream::Operators,
};

impl<N: Namespace> Broadcast<N> {
    /// Makes the sockets join the given rooms
    /// ([`socketsJoin`](https://socket.io/docs/v4/server-api/#serversocketsjoinrooms)). Does not wait for other
    /// servers.
    ///
    /// # Errors
    ///
    /// Returns [`EmitError::NotMounted`] if the namespace was not mounted on this server, and [`EmitError::Engine`] if
    /// the cluster's engine failed.
    pub fn join(self, rooms: impl RoomParam) -> EmitFuture<'static, ()> {
        let rooms = names(rooms);
        Box::pin(async move {
            let relay = self.relay().map(|bus| (bus, Action::Join(rooms.clone())));
            for target in self.reached(relay).await? {
                target
                    .join(rooms.clone())
                    .await
                    .map_err(EmitError::engine)?;
            }
            Ok(())
        })
    }

    /// Makes the sockets leave the given rooms
    /// ([`socketsLeave`](https://socket.io/docs/v4/server-api/#serversocketsleaverooms)). Does not wait for other
    /// servers.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`join`](Self::join).
    pub fn leave(self, rooms: impl RoomParam) -> EmitFuture<'static, ()> {
        let rooms = names(rooms);
        Box::pin(async move {
            let relay = self.relay().map(|bus| (bus, Action::Leave(rooms.clone())));
            for target in self.reached(relay).await? {
                target
                    .leave(rooms.clone())
                    .await
                    .map_err(EmitError::engine)?;
            }
            Ok(())
        })
    }

    /// Disconnects the sockets from the namespace, on all servers of the cluster
    /// ([`disconnectSockets`](https://socket.io/docs/v4/server-api/#serverdisconnectsocketsclose)).
    ///
    /// The sockets of this server are always disconnected, as by [`Socket::disconnect`]. `Ok` means that every other
    /// server has done the same with its own sockets: from then on, none of their handlers receives an event of these
    /// sockets. A server that has been silent for so long that it counts as gone
    /// ([`heartbeat`](crate::Cluster::heartbeat)) is not asked.
    ///
    /// The other servers have the [`timeout`](Self::timeout) of this broadcast, or the
    /// [`request_timeout`](crate::Cluster::request_timeout). Events that were sent to the sockets earlier arrive first.
    ///
    /// # Errors
    ///
    /// Returns [`DisconnectError`] with the servers that did not confirm in time. All other servers have disconnected
    /// their sockets. You can repeat the call, for example after a pause.
    pub async fn disconnect(self) -> Result<(), DisconnectError> {
        self.disconnect_here();
        let is_here = self.scope.is_local || self.scope.is_nobody;
        let Some(bus) = self.bus.clone().filter(|bus| bus.is_remote() && !is_here) else {
            return Ok(());
        };
        let Scope {
            path,
            selection,
            timeout,
            ..
        } = self.scope.clone();
        // If the bus carries the events too, they are in order already.
        if self.relay().is_none() {
            let targets = self.reachable().into_iter();
            bus.flush(join_all(
                targets.map(|target| async move { target.rooms().await.is_ok() }),
            ))
            .await;
        }
        bus.disconnect(path, selection, timeout).await
    }

    fn disconnect_here(&self) {
        let targets = self.clone().reachable().into_iter();
        for raw in targets.flat_map(Operators::sockets) {
            match Socket::<N>::from_raw(raw.clone()) {
                Some(socket) => socket.disconnect(),
                // A socket of a namespace that was created through `raw` alone.
                None => {
                    disconnect_raw(&raw);
                }
            }
        }
    }

    /// Returns the rooms that the sockets are in, including the rooms of their own ids, sorted by name.
    ///
    /// # Errors
    ///
    /// Returns [`EmitError::NotMounted`] if the namespace was not mounted on this server, and [`EmitError::Engine`] if
    /// the cluster's engine failed.
    pub async fn rooms(self) -> Result<Vec<Room>, EmitError> {
        let mut rooms = Vec::new();
        if self.relay().is_some() {
            for socket in self.fetch_sockets().await? {
                rooms.extend(socket.rooms().iter().cloned().map(Room::from));
            }
        } else {
            for target in self.checked()? {
                rooms.extend(target.rooms().await.map_err(EmitError::engine)?);
            }
        }
        rooms.sort();
        rooms.dedup();
        Ok(rooms)
    }
}
