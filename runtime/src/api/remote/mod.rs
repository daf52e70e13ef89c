//! Sockets on any server of the cluster.

mod address;
mod description;
mod target;

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::{
    cluster::bus::{
        Bus,
        envelope::{Action, names},
    },
    contract::{
        error::{DisconnectError, EmitError},
        namespace::{EventEmitter, Namespace},
        path::PathParameters,
        server_id::ServerId,
    },
    protocol::{RoomParam, Sid},
    session::socket::Socket,
    upstream::CoreAdapter,
    wire::{
        arguments::One,
        message::{DecodeError, Message},
    },
};
use address::RemoteAddress;
use description::Description;
pub(crate) use description::describe;
pub use target::RemoteTarget;

/// Socket found by [`fetch_sockets`](crate::Broadcast::fetch_sockets), on any server of the cluster. It corresponds to
/// the objects that Node's [`fetchSockets`](https://socket.io/docs/v4/server-api/#serverfetchsockets) returns.
///
/// Its data and rooms are a snapshot from the time of the fetch. Its actions take effect on the server that the socket
/// is connected to.
///
/// ```
/// # use sio_types::prelude::*;
/// # #[events]
/// # trait ServerToClient {
/// #     fn notice(text: String);
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient, socket_data = String)]
/// # struct Chat;
/// # async fn welcome(io: SocketIo) -> Result<(), EmitError> {
/// for member in io.of(Chat).room("lobby").members().await? {
///     let name: &String = member.data();
///     member.emit().notice(format!("Welcome, {name}")).await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// See also the guide to the [members of a room](crate::guide::rooms#members-of-a-room).
pub struct RemoteSocket<N: Namespace> {
    address: RemoteAddress,
    rooms: Vec<String>,
    uri: Uri,
    headers: HeaderMap,
    namespace: N,
    data: Data<N>,
}

enum Data<N: Namespace> {
    Here(Socket<N>),
    Elsewhere(N::SocketData),
}

impl<N: Namespace> RemoteSocket<N> {
    /// Wraps a socket of this server. Returns `None` if its path does not match `N`, which does not happen.
    pub(crate) fn here(socket: Socket<N>, bus: Arc<Bus>) -> Option<Self> {
        let parts = socket.request_parts();
        let path = socket.raw.ns();
        Some(Self {
            address: RemoteAddress {
                id: socket.id(),
                server: bus.node(),
                path: path.to_owned(),
                bus,
            },
            rooms: names(socket.rooms()),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            namespace: N::from_parameters(&PathParameters::new(N::PATTERN, path)).ok()?,
            data: Data::Here(socket),
        })
    }

    /// Reads the description of a socket of another server.
    pub(crate) fn elsewhere(
        server: ServerId,
        description: &[u8],
        bus: Arc<Bus>,
    ) -> Result<Self, DecodeError> {
        let description: Description =
            rmp_serde::from_slice(description).map_err(DecodeError::new)?;
        let parameters = PathParameters::new(N::PATTERN, &description.path);
        let namespace = N::from_parameters(&parameters).map_err(DecodeError::new)?;
        let One(data) = Message::from_answer(description.data).arguments(&["data"])?;
        let headers = description.headers.into_iter().filter_map(|(name, value)| {
            let name = HeaderName::try_from(name).ok()?;
            Some((name, HeaderValue::from_bytes(&value).ok()?))
        });
        Ok(Self {
            rooms: description.rooms,
            uri: description.uri.parse().map_err(DecodeError::new)?,
            headers: headers.collect(),
            namespace,
            data: Data::Elsewhere(data),
            address: RemoteAddress {
                id: description.id,
                server,
                path: description.path,
                bus,
            },
        })
    }

    /// Returns the socket's id.
    pub fn id(&self) -> Sid {
        self.address.id
    }

    /// Returns the server that the socket is connected to.
    pub fn server(&self) -> ServerId {
        self.address.server
    }

    /// Returns `true` if the socket is connected to this server.
    pub fn is_here(&self) -> bool {
        matches!(self.data, Data::Here(_))
    }

    /// Returns the socket's data.
    pub fn data(&self) -> &N::SocketData {
        match &self.data {
            Data::Here(socket) => socket.data(),
            Data::Elsewhere(data) => data,
        }
    }

    /// Returns the namespace that the socket is connected to, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        &self.namespace
    }

    /// Returns the URI of the connection's first request.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the headers of the connection's first request.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the rooms that the socket was in, including the room of its own id.
    pub fn rooms(&self) -> &[String] {
        &self.rooms
    }

    /// Returns an emitter with one method per event. Each method returns a future that sends the event when awaited.
    ///
    /// # Errors
    ///
    /// The future of an event without an acknowledgement resolves to [`EmitError`], as for [`Broadcast::emit`]. The
    /// future of an event with an acknowledgement resolves to the client's answer, or to
    /// [`AckError`](crate::AckError) if the event was not sent or there is no valid answer in time.
    ///
    /// [`Broadcast::emit`]: crate::Broadcast::emit
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> EventEmitter<N, RemoteTarget> {
        let address = self.address.clone();
        let timeout = None;
        RemoteTarget { address, timeout }.into()
    }

    /// Sets how long to wait for the acknowledgement. The default is [`ack_timeout`](crate::Builder::ack_timeout), or
    /// [`request_timeout`](crate::Cluster::request_timeout) if this server does not have the socket's namespace.
    pub fn timeout(&self, timeout: Duration) -> RemoteOperators<'_, N> {
        RemoteOperators {
            socket: self,
            timeout,
        }
    }

    /// Makes the socket join the given rooms. Does not wait for the socket's server.
    ///
    /// # Errors
    ///
    /// Returns [`EmitError::Engine`] if the cluster's engine failed.
    pub async fn join(&self, rooms: impl RoomParam) -> Result<(), EmitError> {
        let rooms = names(rooms);
        match self.address.adapter() {
            Some(adapter) => adapter
                .add_sockets(self.address.options(), rooms)
                .await
                .map_err(EmitError::engine),
            None => self.address.relay(Action::Join(rooms)).await,
        }
    }

    /// Makes the socket leave the given rooms. Does not wait for the socket's server.
    ///
    /// # Errors
    ///
    /// Returns [`EmitError::Engine`] if the cluster's engine failed.
    pub async fn leave(&self, rooms: impl RoomParam) -> Result<(), EmitError> {
        let rooms = names(rooms);
        match self.address.adapter() {
            Some(adapter) => adapter
                .del_sockets(self.address.options(), rooms)
                .await
                .map_err(EmitError::engine),
            None => self.address.relay(Action::Leave(rooms)).await,
        }
    }

    /// Disconnects the socket from the namespace.
    ///
    /// A socket of this server is always disconnected, as by [`Socket::disconnect`]. For a socket of another server,
    /// `Ok` means that its server has done the same, or has left the cluster. That server has the
    /// [`request_timeout`](crate::Cluster::request_timeout) to confirm. Events that were sent to the socket earlier
    /// arrive first.
    ///
    /// # Errors
    ///
    /// Returns [`DisconnectError`] if the socket's server did not confirm in time. The socket may still be connected.
    pub async fn disconnect(self) -> Result<(), DisconnectError> {
        if let Data::Here(socket) = &self.data {
            socket.disconnect();
            return Ok(());
        }
        let RemoteAddress {
            id,
            server,
            path,
            bus,
        } = &self.address;
        if let Some(adapter) = self.address.adapter() {
            bus.flush(adapter.rooms(self.address.options())).await;
        }
        bus.disconnect_one(*server, path.clone(), *id).await
    }
}

impl<N: Namespace> fmt::Debug for RemoteSocket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSocket")
            .field("id", &self.address.id)
            .field("server", &self.address.server)
            .field("rooms", &self.rooms)
            .finish_non_exhaustive()
    }
}

/// Settings for one emit to one socket of the cluster, made by [`RemoteSocket::timeout`].
#[derive(Debug)]
#[must_use = "nothing is sent before `emit`"]
pub struct RemoteOperators<'s, N: Namespace> {
    socket: &'s RemoteSocket<N>,
    timeout: Duration,
}

impl<N: Namespace> RemoteOperators<'_, N> {
    /// Returns an emitter with one method per event. See [`RemoteSocket::emit`].
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> EventEmitter<N, RemoteTarget> {
        let address = self.socket.address.clone();
        let timeout = Some(self.timeout);
        RemoteTarget { address, timeout }.into()
    }
}
