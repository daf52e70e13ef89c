//! Where the answer to an inter-server event goes.

use std::sync::Weak;

use super::{
    Bus,
    envelope::{Body, Outcome},
};
use crate::contract::server_id::NodeId;

/// Where the answer to another server goes.
#[derive(Clone)]
pub(crate) enum NodeReply {
    Server(ServerReply),
    /// One of Node's.
    #[cfg(feature = "redis")]
    Service(crate::cluster::interop::ServiceReply),
}

/// Where the answer to a server of ours goes.
#[derive(Clone)]
pub(crate) struct ServerReply {
    pub(crate) bus: Weak<Bus>,
    pub(crate) to: NodeId,
    pub(crate) request: u64,
}

impl NodeReply {
    pub(crate) fn send(&self, outcome: Outcome) {
        match self {
            Self::Server(reply) => reply.send(outcome),
            #[cfg(feature = "redis")]
            Self::Service(reply) => reply.send(outcome),
        }
    }

    /// Whether the other side can be told that an event was not handled.
    pub(crate) fn takes_rejections(&self) -> bool {
        matches!(self, Self::Server(_))
    }
}

impl ServerReply {
    pub(crate) fn send(&self, outcome: Outcome) {
        if let Some(bus) = self.bus.upgrade() {
            let request = self.request;
            bus.tell_soon(self.to, Body::Answer { request, outcome });
        }
    }
}
