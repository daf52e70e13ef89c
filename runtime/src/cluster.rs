//! The engine that connects the servers of one application, chosen at run time.

use std::{fmt, marker::PhantomData, time::Duration};

use crate::{
    ack::Answer,
    dispatch::Context,
    emit::{EmitTarget, Sending},
    lifecycle::Rejected,
    listeners::{BoxFuture, Refusal},
    namespace::{EventSet, Namespace},
    wire::{Arguments, DecodeError, Message},
};

/// The adapter under every socket.
pub type Adapter = socketioxide::adapter::LocalAdapter;

pub(crate) type RawSocket = socketioxide::socket::Socket<Adapter>;

/// Which servers belong together.
///
/// ```
/// use sio_types::Cluster;
///
/// let cluster = Cluster::from_url("memory://")?;
/// assert_eq!(cluster, Cluster::memory());
/// # Ok::<(), sio_types::ClusterError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster(Engine);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Engine {
    Memory,
}

impl Cluster {
    /// This server alone; nothing to install.
    pub fn memory() -> Self {
        Self(Engine::Memory)
    }

    /// Reads the engine from a URL: `memory://`.
    ///
    /// # Errors
    /// [`ClusterError::UnknownEngine`] for any other scheme.
    pub fn from_url(url: &str) -> Result<Self, ClusterError> {
        match url.split_once("://") {
            Some(("memory", _)) => Ok(Self::memory()),
            Some((scheme, _)) => Err(ClusterError::UnknownEngine(scheme.to_owned())),
            None => Err(ClusterError::NoUrl),
        }
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self::memory()
    }
}

/// Why a cluster cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The text has no scheme. It is not repeated, for it may hold a password.
    #[error("a cluster's URL starts with a scheme, such as `memory://`")]
    NoUrl,
    /// There is no engine of this scheme.
    #[error("there is no cluster engine `{0}://`; this version has `memory://`")]
    UnknownEngine(String),
}

/// This server as the receiver of an inter-server event: the context of the
/// [`InterServer`](Namespace::InterServer) handlers.
pub struct Node<N> {
    namespace: PhantomData<fn() -> N>,
}

impl<N> Clone for Node<N> {
    fn clone(&self) -> Self {
        Self {
            namespace: PhantomData,
        }
    }
}

impl<N> fmt::Debug for Node<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").finish_non_exhaustive()
    }
}

impl<N: Namespace> Context for Node<N> {
    fn rejected(&self, rejected: Rejected) {
        tracing::warn!(namespace = N::PATTERN, %rejected, "an inter-server event was rejected");
    }

    fn middleware(&self, _: &Message) -> Option<BoxFuture<Result<(), Refusal>>> {
        None
    }

    fn development(&self) -> bool {
        true
    }
}

/// The other servers of the cluster
/// ([`serverSideEmit`](https://socket.io/docs/v4/server-api/#serverserversideemiteventname-args)).
///
/// In a cluster of one, which `memory://` is, there are none: an event is sent to nobody, and one with an
/// acknowledgement has no answers.
pub struct Servers<N> {
    timeout: Option<Duration>,
    namespace: PhantomData<fn() -> N>,
}

impl<N: Namespace> Servers<N> {
    pub(crate) fn new() -> Self {
        Self {
            timeout: None,
            namespace: PhantomData,
        }
    }

    /// How long to wait for the servers' answers.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The events that can be sent.
    #[must_use = "nothing is sent before one of the emitter's methods is called"]
    pub fn emit(self) -> <N::InterServer as EventSet>::Emitter<ToServers<N>> {
        ToServers(self).into()
    }
}

/// The servers of a cluster as a target.
pub struct ToServers<N>(Servers<N>);

impl<N: Namespace> EmitTarget for ToServers<N> {
    type Sent<'a> = Sending<'a, ()>;
    type Acked<'a, R: Send + 'static> = Sending<'a, Vec<R>>;

    fn emit<'a, A: Arguments + Send + 'a>(self, _: &'static str, _: A) -> Self::Sent<'a> {
        Box::pin(async { Ok(()) })
    }

    fn emit_with_ack<'a, A: Arguments + Send + 'a, R: Send + 'static>(
        self,
        _: &'static str,
        _: A,
        _: fn(&Message) -> Result<Answer<R>, DecodeError>,
    ) -> Self::Acked<'a, R> {
        tracing::trace!(timeout = ?self.0.timeout, "no other server to wait for");
        Box::pin(async { Ok(Vec::new()) })
    }
}
