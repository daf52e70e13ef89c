//! Events from a process that is no server: a worker, a cron job.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::{broadcast::Broadcast, emit::BroadcastTarget, servers::Servers};
use crate::{
    cluster::{Cluster, bus::Bus, error::ClusterError},
    contract::namespace::{EventEmitter, Namespace},
    protocol::RoomParam,
};

/// Sends the events of namespace `N` into a cluster from outside, as
/// [`@socket.io/redis-emitter`](https://socket.io/docs/v4/redis-adapter/#emitter) does for Node.
///
/// It is no server: nobody waits for it, and it handles nothing. What needs the sockets' own servers works all the same:
/// rooms, moving and disconnecting, [`fetch_sockets`](Broadcast::fetch_sockets), acknowledgements, inter-server events.
///
/// ```no_run
/// use sio_types::{Emitter, prelude::*};
///
/// #[events]
/// pub trait ToClient {
///     fn reminder(text: String);
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", server_to_client = ToClient)]
/// pub struct Chat;
///
/// # async fn job() -> Result<(), Box<dyn std::error::Error>> {
/// let chat = Emitter::<Chat>::connect("redis://localhost").await?;
/// chat.to("lobby").emit().reminder("It is late.").await?;
/// # Ok(())
/// # }
/// ```
pub struct Emitter<N> {
    bus: Arc<Bus>,
    namespace: PhantomData<fn() -> N>,
}

impl<N: Namespace> Emitter<N> {
    /// Connects to a cluster.
    ///
    /// # Errors
    /// As [`Cluster::connect`].
    pub async fn connect(url: &str) -> Result<Self, ClusterError> {
        Ok(Self::new(&Cluster::connect(url).await?))
    }

    /// Speaks to a cluster with settings of its own, such as a [`prefix`](Cluster::prefix).
    pub fn new(cluster: &Cluster) -> Self {
        Self {
            bus: Bus::observer(cluster.start()),
            namespace: PhantomData,
        }
    }

    /// The sockets of one namespace; of a dynamic one, those of the child with these parameters.
    pub fn of(&self, namespace: N) -> Broadcast<N> {
        Broadcast::from_outside(namespace.path(), self.bus.clone())
    }

    /// All sockets of the namespace; of a dynamic one, of all its children.
    pub fn all(&self) -> Broadcast<N> {
        Broadcast::from_outside(N::PATTERN, self.bus.clone())
    }

    /// Only sockets in at least one of these rooms.
    pub fn to(&self, rooms: impl RoomParam) -> Broadcast<N> {
        self.all().to(rooms)
    }

    /// No socket that is in one of these rooms.
    pub fn except(&self, rooms: impl RoomParam) -> Broadcast<N> {
        self.all().except(rooms)
    }

    /// The events that can be sent to all sockets.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> EventEmitter<N, BroadcastTarget<N>> {
        self.all().emit()
    }

    /// The servers of the cluster, for inter-server events.
    pub fn servers(&self) -> Servers<N> {
        self.all().servers()
    }
}

impl<N> Clone for Emitter<N> {
    fn clone(&self) -> Self {
        Self {
            bus: self.bus.clone(),
            namespace: PhantomData,
        }
    }
}

impl<N> fmt::Debug for Emitter<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter").finish_non_exhaustive()
    }
}
