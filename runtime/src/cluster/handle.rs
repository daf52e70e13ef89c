//! Handle to the cluster of a running server.

use std::{fmt, sync::Arc};

use super::bus::Bus;
use crate::contract::server_id::ServerId;

/// Handle to the cluster of a running server. Returned by [`SocketIo::cluster`](crate::SocketIo::cluster).
///
/// ```
/// # use sio_types::SocketIo;
/// # async fn report(io: SocketIo) {
/// let cluster = io.cluster();
/// let count = cluster.server_count().await;
/// println!("{count} servers, {} messages lost", cluster.dropped_messages());
/// # }
/// ```
#[derive(Clone)]
pub struct ClusterHandle(pub(crate) Arc<Bus>);

impl ClusterHandle {
    /// Returns `true` if the server is connected to the engine. Always `true` with `memory://`.
    pub fn is_connected(&self) -> bool {
        self.0.cluster().health.is_connected()
    }

    /// Returns the number of messages to or from other servers that were lost because of a missing connection or a full
    /// buffer.
    pub fn dropped_messages(&self) -> u64 {
        self.0.cluster().dropped_messages()
    }

    /// Returns the ids of the other servers that this server knows of. A server that has just started waits for the
    /// others to announce themselves, for 0.6 s at most.
    pub async fn others(&self) -> Vec<ServerId> {
        self.0.members().await.into_iter().collect()
    }

    /// Returns the number of servers, including this one: one more than [`others`](Self::others).
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
