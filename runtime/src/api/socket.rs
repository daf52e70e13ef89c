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
    /// Returns an emitter to this client, with one method per event
    /// ([`emit`](https://socket.io/docs/v4/server-api/#socketemiteventname-args-ack)).
    ///
    /// The emitter's methods are not `async`: the server has sent or queued the event when the method returns. The
    /// methods take each argument by value or by reference. An event with an acknowledgement returns an
    /// [`Acknowledgement`](crate::Acknowledgement), a future of the client's answer.
    ///
    /// ```
    /// # use sio_types::prelude::*;
    /// # #[events]
    /// # trait ServerToClient {
    /// #     fn notice(text: String);
    /// #     fn confirm(question: String) -> bool;
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
    /// # struct Chat;
    /// # async fn leave(socket: Socket<Chat>) -> Result<(), AckError> {
    /// socket.emit().notice("The room closes soon")?;
    /// let is_sure: bool = socket.emit().confirm("Leave the room?").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The methods return [`EmitError`](crate::EmitError):
    ///
    /// - [`Closed`](crate::EmitError::Closed) if the client is no longer connected.
    /// - [`Full`](crate::EmitError::Full) if too much data waits for the client
    ///   ([`OverflowPolicy`](crate::OverflowPolicy)).
    /// - [`Encode`](crate::EmitError::Encode) if an argument cannot be encoded.
    ///
    /// The future of an acknowledgement resolves to [`AckError`](crate::AckError) for the same reasons, or if there is
    /// no valid answer in time.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> EventEmitter<N, SocketTarget<'_, N>> {
        SocketOperators::new(self).emit()
    }

    /// Sets how long to wait for the client's acknowledgement
    /// ([`timeout`](https://socket.io/docs/v4/server-api/#sockettimeoutvalue)). The default is
    /// [`ack_timeout`](crate::Builder::ack_timeout), 5 s.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sio_types::prelude::*;
    /// # #[events]
    /// # trait ServerToClient {
    /// #     fn confirm(question: String) -> bool;
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
    /// # struct Chat;
    /// # async fn leave(socket: Socket<Chat>) -> Result<bool, AckError> {
    /// let asked = socket.timeout(Duration::from_secs(30)).emit();
    /// asked.confirm("Leave the room?").await
    /// # }
    /// ```
    pub fn timeout(&self, timeout: Duration) -> SocketOperators<'_, N> {
        SocketOperators::new(self).timeout(timeout)
    }

    /// Makes the event [volatile](https://socket.io/docs/v4/emitting-events/#volatile-events): the server drops it if
    /// data already waits for the client, or if the client is between two polls. A dropped event returns `Ok`.
    ///
    /// An event with an acknowledgement is not dropped.
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

    /// Selects the other sockets in at least one of these rooms; nobody if the list of rooms is empty
    /// ([`to`](https://socket.io/docs/v4/server-api/#sockettoroom)).
    ///
    /// A room is a `&'static str`, a `String`, or the [id](Self::id) of a socket. Several rooms are an array or a
    /// `Vec`.
    ///
    /// ```
    /// # use sio_types::prelude::*;
    /// # #[events]
    /// # trait ServerToClient {
    /// #     fn notice(text: String);
    /// # }
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
    /// # struct Chat;
    /// # async fn greet(socket: Socket<Chat>, room: String) -> Result<(), EmitError> {
    /// socket.to("lobby").emit().notice("Hello").await?;
    /// socket.to(["lobby", "garden"]).emit().notice("Hello").await?;
    /// socket.to(room).except("muted").emit().notice("Hello").await?;
    /// # Ok(())
    /// # }
    /// ```
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

    /// Selects the other sockets of the namespace, except those in any of these rooms
    /// ([`except`](https://socket.io/docs/v4/server-api/#socketexceptrooms)).
    pub fn except(&self, rooms: impl RoomParam) -> Broadcast<N> {
        let except = Selection::of(rooms).rooms;
        let operators = self.raw.except(except.clone());
        let rooms = Vec::new();
        self.others(operators, Selection { rooms, except })
    }

    /// Selects all other sockets of the namespace
    /// ([`broadcast`](https://socket.io/docs/v4/server-api/#flag-broadcast)).
    pub fn broadcast(&self) -> Broadcast<N> {
        self.others(self.raw.broadcast(), Selection::default())
    }

    /// Selects all other sockets of the namespace on this server.
    pub fn local(&self) -> Broadcast<N> {
        self.broadcast().local()
    }
}

/// Settings for one emit to one socket, made by [`Socket::timeout`] and [`Socket::volatile`].
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

    /// Sets how long to wait for the client's acknowledgement. See [`Socket::timeout`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Makes the event volatile. See [`Socket::volatile`].
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Returns an emitter with one method per event. See [`Socket::emit`].
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
