//! Operations on many sockets at once.

use std::{future::Future, marker::PhantomData, sync::Arc, time::Duration};

use socketioxide::{BroadcastError, EmitWithAckError, operators::BroadcastOperators, socket::Sid};
use socketioxide_core::adapter::{Room, RoomParam};

use crate::{
    ack::{Acknowledgements, Answer, RawAnswers},
    cluster::{Adapter, Servers},
    emit::{Sending, ToMany},
    error::EmitError,
    namespace::{Emitter, Namespace},
    path,
    remote::RemoteSocket,
    shared::Shared,
    socket::Socket,
    wire::{Arguments, DecodeError, Message, Outgoing},
};

type Operators = BroadcastOperators<Adapter>;

/// A set of sockets of namespace `N`: all of them at first, narrowed by rooms.
///
/// The operators are those of
/// [Socket.IO's server](https://socket.io/docs/v4/server-api/#servertoroom). Nothing happens until
/// [`emit`](Self::emit) or one of the other actions.
pub struct Broadcast<N: Namespace> {
    /// One for each namespace on this server: none before it exists, several for the children of a dynamic one.
    targets: Vec<Operators>,
    shared: Option<Arc<Shared<N>>>,
    namespace: PhantomData<fn() -> N>,
}

impl<N: Namespace> Broadcast<N> {
    pub(crate) fn new(targets: Vec<Operators>, shared: Option<Arc<Shared<N>>>) -> Self {
        Self {
            targets,
            shared,
            namespace: PhantomData,
        }
    }

    fn map(mut self, operator: impl Fn(Operators) -> Operators) -> Self {
        self.targets = self.targets.into_iter().map(operator).collect();
        self
    }

    /// Only sockets in at least one of the rooms of all `to` and `within`; from a socket, without itself.
    #[must_use]
    pub fn to(self, rooms: impl RoomParam) -> Self {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        self.map(|operators| operators.to(rooms.clone()))
    }

    /// Like [`to`](Self::to), but from a socket, itself included.
    #[must_use]
    pub fn within(self, rooms: impl RoomParam) -> Self {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        self.map(|operators| operators.within(rooms.clone()))
    }

    /// No socket that is in one of these rooms.
    #[must_use]
    pub fn except(self, rooms: impl RoomParam) -> Self {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        self.map(|operators| operators.except(rooms.clone()))
    }

    /// Only sockets of this very server.
    #[must_use]
    pub fn local(self) -> Self {
        self.map(Operators::local)
    }

    /// May be [dropped](https://socket.io/docs/v4/emitting-events/#volatile-events) where a client is not ready.
    #[must_use]
    pub fn volatile(self) -> Self {
        self.map(Operators::volatile)
    }

    /// How long to wait for acknowledgements, instead of [`ack_timeout`](crate::Builder::ack_timeout).
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.map(|operators| operators.timeout(timeout))
    }

    /// The events that can be sent: each is a method of what this returns.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> Emitter<N, ToMany<N>> {
        ToMany(self).into()
    }

    /// Makes the sockets join rooms.
    pub fn join(self, rooms: impl RoomParam) -> Sending<'static, ()> {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        Box::pin(async move {
            for target in self.checked()? {
                let Ok(()) = target.join(rooms.clone()).await;
            }
            Ok(())
        })
    }

    /// Makes the sockets leave rooms.
    pub fn leave(self, rooms: impl RoomParam) -> Sending<'static, ()> {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        Box::pin(async move {
            for target in self.checked()? {
                let Ok(()) = target.leave(rooms.clone()).await;
            }
            Ok(())
        })
    }

    /// Disconnects the sockets from the namespace.
    pub async fn disconnect(self) -> Result<(), EmitError> {
        for target in self.checked()? {
            target
                .disconnect()
                .await
                .or_else(EmitError::from_broadcast)?;
        }
        Ok(())
    }

    /// The rooms that the sockets are in.
    pub async fn rooms(self) -> Result<Vec<Room>, EmitError> {
        let mut rooms = Vec::new();
        for target in self.checked()? {
            let Ok(found) = target.rooms().await;
            rooms.extend(found);
        }
        rooms.sort();
        rooms.dedup();
        Ok(rooms)
    }

    /// The sockets of this server.
    pub fn sockets(self) -> Vec<Socket<N>> {
        self.targets
            .into_iter()
            .flat_map(Operators::sockets)
            .filter_map(Socket::from_raw)
            .collect()
    }

    /// The sockets of all servers.
    pub async fn fetch_sockets(self) -> Result<Vec<RemoteSocket<N>>, EmitError> {
        self.clone().checked()?;
        Ok(self.sockets().into_iter().map(RemoteSocket::new).collect())
    }

    /// The socket of this id, if it is on this server.
    pub fn get_socket(&self, id: Sid) -> Option<Socket<N>> {
        self.targets
            .iter()
            .find_map(|target| target.get_socket(id))
            .and_then(Socket::from_raw)
    }

    /// How many events of this namespace were rejected since it was mounted.
    pub fn rejected_count(&self) -> u64 {
        self.shared
            .as_ref()
            .map_or(0, |shared| shared.rejected_count())
    }

    /// The other servers of the cluster, for inter-server events.
    pub fn servers(&self) -> Servers<N> {
        Servers::new()
    }

    /// The targets, unless the namespace was never mounted, which only a mistake explains.
    fn checked(self) -> Result<Vec<Operators>, EmitError> {
        if self.shared.is_none() {
            return Err(EmitError::NotMounted(N::PATTERN.to_owned(), N::NAME));
        }
        Ok(self.targets)
    }

    pub(crate) async fn send<A: Arguments + Send>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Result<(), EmitError> {
        self.notify_outgoing(event, &arguments);
        let payload = Outgoing(arguments);
        for target in self.checked()? {
            let sending = send(target, event, &payload);
            sending.await.or_else(EmitError::from_broadcast)?;
        }
        Ok(())
    }

    pub(crate) async fn send_with_ack<A: Arguments + Send, R>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Result<Acknowledgements<R>, EmitError> {
        self.notify_outgoing(event, &arguments);
        let payload = Outgoing(arguments);
        let mut answers = Vec::new();
        for target in self.checked()? {
            let sending = send_with_ack(target, event, &payload);
            answers.push(sending.await?);
        }
        Ok(Acknowledgements::new(answers, decode))
    }

    /// Tells the sockets' `on_any_outgoing` listeners, if there are any.
    fn notify_outgoing<A: Arguments>(&self, event: &'static str, arguments: &A) {
        if !self
            .shared
            .as_ref()
            .is_some_and(|shared| shared.has_outgoing_listeners())
        {
            return;
        }
        for target in &self.targets {
            for socket in target
                .clone()
                .sockets()
                .into_iter()
                .filter_map(Socket::<N>::from_raw)
            {
                socket.notify_outgoing(event, arguments);
            }
        }
    }
}

impl<N: Namespace> Clone for Broadcast<N> {
    fn clone(&self) -> Self {
        Self::new(self.targets.clone(), self.shared.clone())
    }
}

// The packet is encoded before the future is first polled, and the future holds only the packet. As functions of
// their own, these two show the compiler that the borrowed arguments are not kept over an `await`.

fn send<'a, A: Arguments>(
    target: Operators,
    event: &'static str,
    payload: &'a Outgoing<A>,
) -> impl Future<Output = Result<(), BroadcastError>> + Send + 'a {
    target.emit(event, payload)
}

fn send_with_ack<'a, A: Arguments>(
    target: Operators,
    event: &'static str,
    payload: &'a Outgoing<A>,
) -> impl Future<Output = Result<RawAnswers, EmitWithAckError>> + Send + 'a {
    target.emit_with_ack(event, payload)
}

/// The children of a dynamic namespace, or the one static one.
pub(crate) fn children<N: Namespace>(io: &socketioxide::SocketIo<Adapter>) -> Vec<Operators> {
    io.nsps()
        .into_iter()
        .filter(|operators| path::matches(N::PATTERN, operators.ns_path()))
        .collect()
}
