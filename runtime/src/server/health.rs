//! How a server is.

use std::collections::BTreeMap;

use serde::Serialize;

use super::socket_io::SocketIo;
use crate::cluster::state::EngineState;

/// How a server is, for those who watch over it: [`SocketIo::health`].
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
/// As JSON it has the same fields, in camel case, and nothing that strangers may not see:
/// `{"isDraining":false,"engine":{"state":"connected","seconds":71},"otherServers":2,"droppedMessages":0,"connections":40,"sockets":{"/chat":38}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Health {
    /// `true` if the server takes no new connections, for [`shutdown`](SocketIo::shutdown) or
    /// [`close`](SocketIo::close) was called.
    pub is_draining: bool,
    /// How the connection to the cluster's engine is.
    pub engine: EngineState,
    /// The other servers of the cluster that are known to be there.
    pub other_servers: usize,
    /// How many messages to or from other servers were lost ([`ClusterHandle::dropped_messages`](crate::ClusterHandle::dropped_messages)).
    pub dropped_messages: u64,
    /// The clients' connections, of either transport, in a namespace or not.
    pub connections: usize,
    /// The clients in each namespace that is mounted; those in the children of a dynamic one by its pattern.
    pub sockets: BTreeMap<&'static str, usize>,
}

impl Health {
    /// `true` if a load balancer may send new clients here: always but while the server is draining.
    ///
    /// An engine that is away does not make a server unready. Each goes on with its own clients, and all would be
    /// unready at once. An application that is of no use without the others asks for more:
    /// `health.is_ready() && !matches!(health.engine, EngineState::Disconnected { .. })`.
    ///
    /// That a server is alive is another question, to which any answer is a yes: to start it anew brings no engine
    /// back.
    pub fn is_ready(&self) -> bool {
        !self.is_draining
    }
}

impl SocketIo {
    /// How this server is. It asks nobody, and costs little.
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
