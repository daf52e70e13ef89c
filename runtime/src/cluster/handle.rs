//! The cluster as a running server sees it.

use std::{fmt, sync::Arc};

use super::bus::Bus;
use crate::contract::server_id::ServerId;

/// The cluster of a running server: [`SocketIo::cluster`](crate::SocketIo::cluster).
#[derive(Clone)]
pub struct ClusterHandle(pub(crate) Arc<Bus>);

impl ClusterHandle {
    /// `true` if there is a connection to the engine; always with `memory://`.
    pub fn is_connected(&self) -> bool {
        self.0.cluster().health.is_connected()
    }

    /// How many messages to or from other servers were lost, for want of a connection or of room to keep them.
    pub fn dropped_messages(&self) -> u64 {
        self.0.cluster().dropped_messages()
    }

    /// The other servers that are there.
    pub async fn others(&self) -> Vec<ServerId> {
        self.0.members().await.into_iter().collect()
    }

    /// How many servers there are, this one included.
    pub async fn server_count(&self) -> usize {
        self.0.members().await.len() + 1
    }
}

impl fmt::Debug for ClusterHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterHandle")
            .field("is_connected", &self.is_connected())
            .field("dropped_messages", &self.dropped_messages())
            .finish_non_exhaustive()
    }
}
