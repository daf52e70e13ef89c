//! What can go wrong, one type for each thing that a caller does.

use super::server_id::ServerId;
use crate::wire::{acknowledgement::Rejection, message::DecodeError, text::EncodeError};

/// Why an event was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The socket is no longer connected.
    #[error("the socket is closed")]
    Closed,
    /// A socket's send buffer is full (see [`max_buffer_size`](crate::Builder::max_buffer_size)), and the event is not
    /// to wait for room (see [`overflow_policy`](crate::Builder::overflow_policy)), or more waits already than
    /// [may](crate::Limits::backlog). For a broadcast, the buffer of at least one of the sockets; the others have the
    /// event.
    #[error("the send buffer of the socket is full")]
    Full,
    /// A payload has no form on this wire: an integer that JavaScript cannot hold, `NaN`, a map whose keys are not
    /// text.
    #[error("the payload cannot be sent: {0}")]
    Encode(String),
    /// The namespace was not mounted on this server.
    #[error("namespace `{0}` is not mounted; call `io.mount::<{1}, _>(…)` first")]
    NotMounted(String, &'static str),
    /// The cluster engine failed.
    #[error("the cluster engine failed: {0}")]
    Engine(String),
}

impl From<EncodeError> for EmitError {
    fn from(EncodeError(reason): EncodeError) -> Self {
        Self::Encode(reason)
    }
}

impl EmitError {
    pub(crate) fn engine(error: impl std::fmt::Display) -> Self {
        Self::Engine(error.to_string())
    }
}

/// Error returned when other servers of the cluster may not have disconnected their sockets. Those of this server are
/// disconnected all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisconnectError {
    /// These servers did not confirm in time that they have disconnected their sockets. Any of them may have done so.
    #[error("{} other server(s) did not confirm the disconnect in time", servers.len())]
    #[non_exhaustive]
    Unconfirmed {
        /// The servers that did not confirm.
        servers: Vec<ServerId>,
    },
    /// There is no connection to the cluster engine, so no other server was asked.
    #[error(
        "no connection to the cluster engine: {} known other server(s) were not asked to disconnect",
        servers.len()
    )]
    #[non_exhaustive]
    NoConnection {
        /// The servers that were there last. There may be others.
        servers: Vec<ServerId>,
    },
}

impl DisconnectError {
    /// The servers that did not confirm that they have disconnected their sockets.
    pub fn servers(&self) -> &[ServerId] {
        match self {
            Self::Unconfirmed { servers } | Self::NoConnection { servers } => servers,
        }
    }
}

/// Why an acknowledgement did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    /// The other side did not answer in time.
    #[error("no acknowledgement arrived in time")]
    Timeout,
    /// The socket closed before the answer.
    #[error("the socket closed before the acknowledgement arrived")]
    Closed,
    /// The answer is not of the declared type.
    #[error("the acknowledgement could not be decoded: {0}")]
    Decode(#[from] DecodeError),
    /// The other side did not handle the event.
    #[error("the event was rejected: {0}")]
    Rejected(Rejection),
    /// The server waits for so many acknowledgements of this socket already that the event was not sent
    /// ([`Limits::pending_acks`](crate::Limits::pending_acks)).
    #[error(
        "{0} acknowledgements of the socket are waited for already; see `Limits::pending_acks`"
    )]
    TooManyPending(usize),
    /// The event could not be sent in the first place.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// A socket would be in more rooms than [`Limits::rooms`](crate::Limits::rooms) allows; it has joined none of those that
/// were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a socket is in at most {limit} rooms; see `Limits::rooms`")]
#[non_exhaustive]
pub struct TooManyRooms {
    /// How many rooms it may be in.
    pub limit: usize,
}

/// Why a namespace was not mounted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MountError {
    /// A namespace of this path, or this namespace type, is mounted already.
    #[error("namespace `{0}` is mounted already")]
    AlreadyMounted(&'static str),
    /// A dynamic path collides with another one.
    #[error("the path `{pattern}` cannot be mounted: {reason}")]
    Path {
        /// The path as declared.
        pattern: &'static str,
        /// What it collides with.
        reason: String,
    },
}
