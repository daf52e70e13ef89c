//! Events from a process that is not a server, such as a worker or a cron job.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::{broadcast::Broadcast, emit::BroadcastTarget, servers::Servers};
use crate::{
    cluster::{Cluster, bus::Bus, error::ClusterError},
    contract::namespace::{EventEmitter, Namespace},
    protocol::RoomParam,
};

/// Emitter of namespace `N`'s events for processes outside of the cluster, like
/// [`@socket.io/redis-emitter`](https://socket.io/docs/v4/redis-adapter/#emitter) for Node.
///
/// An emitter is not a server: it handles no events, and other servers do not wait for it. Operations that need the
/// sockets' own servers still work: joining and leaving rooms, disconnecting,
/// [`fetch_sockets`](Broadcast::fetch_sockets), acknowledgements and inter-server events.
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
///
/// See also the guide to [other processes](crate::guide::inter_server_events#other-processes).
pub struct Emitter<N> {
    bus: Arc<Bus>,
    namespace: PhantomData<fn() -> N>,
}

impl<N: Namespace> Emitter<N> {
    /// Connects to a cluster by the URL of its engine, for at most 5 s.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Cluster::connect`].
    pub async fn connect(url: &str) -> Result<Self, ClusterError> {
        Ok(Self::new(&Cluster::connect(url).await?))
    }

    /// Creates an emitter for a cluster with custom settings, such as a [`prefix`](Cluster::prefix).
    ///
    /// ```no_run
    /// # use sio_types::{Emitter, prelude::*};
    /// # #[derive(Events)]
    /// # #[events(namespace = "/chat")]
    /// # struct Chat;
    /// # async fn job() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// let cluster = Cluster::from_url("redis://localhost")?
    ///     .prefix("my-chat")
    ///     .connect_timeout(Duration::from_secs(30))
    ///     .await?;
    /// let chat = Emitter::<Chat>::new(&cluster);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the cluster has an engine and the call is made outside of a tokio runtime.
    pub fn new(cluster: &Cluster) -> Self {
        Self {
            bus: Bus::observer(cluster.start()),
            namespace: PhantomData,
        }
    }

    /// Selects the sockets of one namespace; for a dynamic one, those of the child with these parameters.
    pub fn of(&self, namespace: N) -> Broadcast<N> {
        Broadcast::from_outside(namespace.path(), self.bus.clone())
    }

    /// Selects all sockets of the namespace; for a dynamic one, those of all its children.
    pub fn all(&self) -> Broadcast<N> {
        Broadcast::from_outside(N::PATTERN, self.bus.clone())
    }

    /// Selects the sockets in at least one of these rooms; nobody if the list of rooms is empty.
    pub fn to(&self, rooms: impl RoomParam) -> Broadcast<N> {
        self.all().to(rooms)
    }

    /// Selects all sockets, except those in any of these rooms.
    pub fn except(&self, rooms: impl RoomParam) -> Broadcast<N> {
        self.all().except(rooms)
    }

    /// Returns an emitter to all sockets of the namespace, with one method per event. See [`Broadcast::emit`].
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(&self) -> EventEmitter<N, BroadcastTarget<N>> {
        self.all().emit()
    }

    /// Returns the servers of the cluster, as a target of inter-server events.
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
