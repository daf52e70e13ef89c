//! Sockets on any server of the cluster.

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde::{Deserialize, Serialize};

use super::emit::EmitFuture;
use crate::{
    cluster::{
        bus::{
            Bus,
            envelope::{Action, Body, Selection, names},
        },
        question::Question,
    },
    contract::{
        emit_target::EmitTarget,
        error::{AckError, DisconnectError, EmitError},
        namespace::{EventEmitter, Namespace},
        path::PathParameters,
        server_id::ServerId,
    },
    protocol::{RoomParam, Sid},
    session::socket::Socket,
    upstream::{
        BroadcastOptions, CoreAdapter, Packet, Parse, RemoteSocketData, adapter::ClusterAdapter,
    },
    wire::{
        acknowledgement::Answer,
        arguments::{Arguments, One, Outgoing},
        message::{DecodeError, Message},
    },
};

/// Socket found by [`fetch_sockets`](crate::Broadcast::fetch_sockets), on any server of the cluster
/// ([`RemoteSocket`](https://socket.io/docs/v4/server-api/#remotesocket)).
///
/// Its data and rooms are a snapshot from the time of the fetch. Its actions take effect on the server that the socket
/// is connected to.
pub struct RemoteSocket<N: Namespace> {
    address: RemoteAddress,
    rooms: Vec<String>,
    uri: Uri,
    headers: HeaderMap,
    namespace: N,
    data: Data<N>,
}

/// Location of a socket in the cluster.
#[derive(Clone)]
struct RemoteAddress {
    id: Sid,
    server: ServerId,
    path: String,
    bus: Arc<Bus>,
}

enum Data<N: Namespace> {
    Here(Socket<N>),
    Elsewhere(N::SocketData),
}

/// Description of a socket for other servers.
#[derive(Serialize, Deserialize)]
struct Description {
    id: Sid,
    path: String,
    rooms: Vec<String>,
    uri: String,
    headers: Vec<(String, Bytes)>,
    data: Bytes,
}

/// Describes a socket for other servers. Returns `None` and logs a warning if the socket's data cannot be encoded.
pub(crate) fn describe<N: Namespace>(socket: &Socket<N>) -> Option<Bytes> {
    let data = Message::encode_answer(&One(socket.data()));
    let data = data.inspect_err(|error| {
        tracing::warn!(
            namespace = N::PATTERN,
            %error,
            "other servers cannot be told of a socket: its data cannot be encoded"
        );
    });
    let parts = socket.request_parts();
    let headers = parts.headers.iter();
    let description = Description {
        id: socket.id(),
        path: socket.raw.ns().to_owned(),
        rooms: names(socket.rooms()),
        uri: parts.uri.to_string(),
        headers: headers
            .map(|(name, value)| (name.to_string(), Bytes::copy_from_slice(value.as_bytes())))
            .collect(),
        data: data.ok()?,
    };
    rmp_serde::to_vec(&description).ok().map(Bytes::from)
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

    /// Returns an emitter with one method per event. An event with an acknowledgement returns the client's answer.
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

    /// Makes the socket join the given rooms.
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

    /// Makes the socket leave the given rooms.
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
    /// [`DisconnectError`] if the socket's server did not confirm in time.
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

impl RemoteAddress {
    /// Returns the adapter of the namespace, if this server has the namespace.
    fn adapter(&self) -> Option<Arc<ClusterAdapter>> {
        self.bus.cluster().namespaces.adapter(&self.path)
    }

    /// Returns the adapter's options that select this one socket.
    fn options(&self) -> BroadcastOptions {
        BroadcastOptions::new_remote(&RemoteSocketData {
            id: self.id,
            server_id: self.server.0,
            ns: self.path.clone().into(),
        })
    }

    fn packet(
        &self,
        adapter: &ClusterAdapter,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<Packet, EmitError> {
        let parser = adapter.get_local().parser();
        let value = parser.encode_value(&Outgoing(arguments), Some(event));
        let value = value.map_err(|error| EmitError::Encode(error.to_string()))?;
        Ok(Packet::event(self.path.clone(), value))
    }

    fn question(
        &self,
        event: &str,
        arguments: &dyn Arguments,
        timeout: Option<Duration>,
    ) -> Result<Question, EmitError> {
        let timeout = timeout.unwrap_or(self.bus.request_timeout());
        let selection = Selection::of(self.id);
        Question::new(self.path.clone(), selection, event, arguments, timeout)
    }

    /// Relays an action to all other servers; the socket's own server performs it.
    async fn relay(&self, action: Action) -> Result<(), EmitError> {
        let selection = Selection::of(self.id);
        let namespace = self.path.clone();
        self.bus
            .publish(Body::Relay {
                namespace,
                selection,
                action,
            })
            .await;
        Ok(())
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

/// Settings for one emit to one socket of the cluster.
#[derive(Debug)]
#[must_use = "nothing is sent before `emit`"]
pub struct RemoteOperators<'s, N: Namespace> {
    socket: &'s RemoteSocket<N>,
    timeout: Duration,
}

impl<N: Namespace> RemoteOperators<'_, N> {
    /// Returns an emitter with one method per event.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> EventEmitter<N, RemoteTarget> {
        let address = self.socket.address.clone();
        let timeout = Some(self.timeout);
        RemoteTarget { address, timeout }.into()
    }
}

/// Emit target for one socket on any server.
pub struct RemoteTarget {
    address: RemoteAddress,
    timeout: Option<Duration>,
}

impl EmitTarget for RemoteTarget {
    type Sent<'a> = EmitFuture<'a, ()>;
    type Acked<'a, R: Send + 'static> = Asking<'a, R>;

    fn emit<'a, A: Arguments + Send + 'a>(
        self,
        event: &'static str,
        arguments: A,
    ) -> Self::Sent<'a> {
        let address = self.address;
        let adapter = address.adapter();
        let sent = match &adapter {
            Some(adapter) => address.packet(adapter, event, &arguments).map(Sent::Packet),
            None => Action::emit(event, &arguments, false).map(Sent::Relayed),
        };
        Box::pin(async move {
            match (adapter, sent?) {
                (Some(adapter), Sent::Packet(packet)) => adapter
                    .broadcast(packet, address.options())
                    .await
                    .or_else(EmitError::from_broadcast),
                (_, Sent::Relayed(action)) => address.relay(action).await,
                (None, Sent::Packet(_)) => Err(EmitError::Closed),
            }
        })
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        event: &'static str,
        arguments: A,
        decode: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        let Self { address, timeout } = self;
        let adapter = address.adapter();
        let asked = match &adapter {
            Some(adapter) => address
                .packet(adapter, event, &arguments)
                .map(Asked::Adapter),
            None => address
                .question(event, &arguments, timeout)
                .map(Asked::Others),
        };
        Box::pin(async move {
            let answer = match (adapter, asked?) {
                (Some(adapter), Asked::Adapter(packet)) => {
                    let answers = adapter.broadcast_with_ack(packet, address.options(), timeout);
                    let mut answers = answers.await.map_err(EmitError::engine)?;
                    let answer = answers.next().await;
                    answer.map(|(_, answer)| Ok(Message::from_ack(answer?)))
                }
                (_, Asked::Others(question)) => {
                    let mut answers = question.ask_others(&address.bus).await;
                    answers.pop().map(|(_, answer)| answer)
                }
                (None, Asked::Adapter(_)) => None,
            };
            // A disconnected socket gives no answer.
            match decode(&answer.unwrap_or(Err(AckError::Closed))?)? {
                Answer::Value(value) => Ok(value),
                Answer::Rejected(rejection) => Err(AckError::Rejected(rejection)),
            }
        })
    }
}

/// Future of one socket's answer.
type Asking<'a, R> = Pin<Box<dyn Future<Output = Result<R, AckError>> + Send + 'a>>;

/// Encoded event with an acknowledgement.
enum Asked {
    Adapter(Packet),
    Others(Question),
}

/// Encoded event without an acknowledgement.
enum Sent {
    Packet(Packet),
    Relayed(Action),
}
