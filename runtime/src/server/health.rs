//! Health of a server.

use std::collections::BTreeMap;

use serde::Serialize;

use super::socket_io::SocketIo;
use crate::cluster::state::EngineState;

/// Health of a server, for monitoring: see [`SocketIo::health`].
///
/// ```
/// use sio_types::{EngineState, SocketIo};
///
/// let (_layer, io) = SocketIo::builder().build_layer();
/// let health = io.health();
/// assert!(health.is_ready());
/// assert_eq!(health.engine, EngineState::Memory);
/// ```
///
/// Serialized as JSON, it has the same fields in camel case and contains nothing confidential:
/// `{"isDraining":false,"engine":{"state":"connected","seconds":71},"otherServers":2,"droppedMessages":0,"connections":40,"sockets":{"/chat":38}}`.
///
/// See also the guide to [observability](crate::guide::observability#health).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Health {
    /// `true` if the server refuses new connections, because [`shutdown`](SocketIo::shutdown) or
    /// [`close`](SocketIo::close) was called.
    pub is_draining: bool,
    /// State of the connection to the cluster's engine.
    pub engine: EngineState,
    /// Number of other servers in the cluster that this server knows of.
    pub other_servers: usize,
    /// Number of lost messages to or from other servers
    /// ([`ClusterHandle::dropped_messages`](crate::ClusterHandle::dropped_messages)).
    pub dropped_messages: u64,
    /// Number of client connections over both transports, including those that have joined no namespace.
    pub connections: usize,
    /// Number of clients in each mounted namespace. Clients in the children of a dynamic namespace count under its
    /// pattern.
    pub sockets: BTreeMap<&'static str, usize>,
}

impl Health {
    /// Returns `true` if a load balancer may send new clients here: always, except while the server is draining.
    ///
    /// A disconnected engine does not make a server unready. Each server goes on with its own clients; otherwise all
    /// servers would become unready at the same time. An application that cannot work without the other servers can
    /// check for more: `health.is_ready() && !matches!(health.engine, EngineState::Disconnected { .. })`.
    ///
    /// For a liveness check, any response is enough: restarting the server does not bring an engine back.
    pub fn is_ready(&self) -> bool {
        !self.is_draining
    }
}

impl SocketIo {
    /// Returns the health of this server. The call is cheap, and sends no request to other servers.
    pub fn health(&self) -> Health {
        let namespaces = &self.namespaces;
        let cluster = namespaces.bus.cluster();
        Health {
            is_draining: namespaces.in_flight.is_draining(),
            engine: cluster.engine_state(),
            other_servers: namespaces.bus.known_members(),
            dropped_messages: cluster.dropped_messages(),
            connections: namespaces.in_flight.connections(),
            sockets: namespaces.sockets(),
        }
    }
}
