//! Errors of the public interface, one type for each operation.

use super::server_id::ServerId;
use crate::wire::{acknowledgement::Rejection, message::DecodeError, text::EncodeError};

/// Error returned when an event was not sent.
///
/// ```
/// # use sio_types::prelude::*;
/// # #[events]
/// # trait ServerToClient {
/// #     fn notice(text: String);
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
/// # struct Chat;
/// # fn notify(socket: Socket<Chat>) {
/// match socket.emit().notice("hello") {
///     Ok(()) => {}
///     // Ordinary: the client has disconnected meanwhile.
///     Err(EmitError::Closed) => {}
///     Err(error) => tracing::warn!(socket = %socket.id(), %error, "event not sent"),
/// }
/// # }
/// ```
///
/// See also the guide to [acknowledgements and errors](crate::guide::acknowledgements#errors).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The socket is no longer connected.
    #[error("the socket is closed")]
    Closed,
    /// The send buffer of a socket is full (see [`max_buffer_size`](crate::Builder::max_buffer_size)) and the
    /// [`overflow_policy`](crate::Builder::overflow_policy) does not let the event wait, or more bytes wait than
    /// [`Limits::backlog`](crate::Limits::backlog) allows. For a broadcast, the buffer of at least one socket was full;
    /// the other sockets receive the event.
    #[error("the send buffer of the socket is full")]
    Full,
    /// A payload cannot be encoded: it has an integer that JavaScript cannot hold, `NaN` or infinity, or a map whose
    /// keys are not text. Encode large integers with `#[payload(bigint = "string")]`.
    #[error("the payload cannot be encoded: {0}")]
    Encode(String),
    /// The namespace was not mounted on this server. Call [`SocketIo::mount`](crate::SocketIo::mount) first, or use an
    /// [`Emitter`](crate::Emitter) in a process that is not a server.
    #[error("namespace `{0}` is not mounted; call `io.mount::<{1}, _>(…)` first")]
    NotMounted(String, &'static str),
    /// The cluster engine failed. The event may not have reached other servers.
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

/// Error returned when other servers of the cluster may not have disconnected their sockets. This server has
/// disconnected its own sockets.
///
/// ```
/// # use sio_types::{Namespace, prelude::*};
/// # async fn disconnect_user<N: Namespace>(io: SocketIo, chat: N, user: String) {
/// if let Err(error) = io.of(chat).room(user).disconnect().await {
///     tracing::error!(servers = ?error.servers(), "disconnect not confirmed");
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisconnectError {
    /// These servers did not confirm in time that they have disconnected their sockets. Each of them may have done so.
    #[error("{} other server(s) did not confirm the disconnect in time", servers.len())]
    #[non_exhaustive]
    Unconfirmed {
        /// The servers that did not confirm.
        servers: Vec<ServerId>,
    },
    /// There is no connection to the cluster engine, so the request did not reach any other server.
    #[error(
        "no connection to the cluster engine: {} known other server(s) were not asked to disconnect",
        servers.len()
    )]
    #[non_exhaustive]
    NoConnection {
        /// The last known servers. There may be others.
        servers: Vec<ServerId>,
    },
}

impl DisconnectError {
    /// Returns the servers that did not confirm that they have disconnected their sockets.
    pub fn servers(&self) -> &[ServerId] {
        match self {
            Self::Unconfirmed { servers } | Self::NoConnection { servers } => servers,
        }
    }
}

/// Error returned when an acknowledgement did not arrive or could not be decoded.
///
/// After [`Timeout`](Self::Timeout) and [`Closed`](Self::Closed), the other side may still have handled the event.
///
/// ```
/// # use sio_types::prelude::*;
/// # #[events]
/// # trait ServerToClient {
/// #     fn confirm(question: String) -> bool;
/// # }
/// # #[derive(Events)]
/// # #[events(namespace = "/chat", server_to_client = ServerToClient)]
/// # struct Chat;
/// # async fn confirm(socket: Socket<Chat>) -> Result<bool, AckError> {
/// match socket.emit().confirm("Leave the room?").await {
///     // No answer counts as "no".
///     Err(AckError::Timeout | AckError::Closed) => Ok(false),
///     answer => answer,
/// }
/// # }
/// ```
///
/// See also the guide to [acknowledgements and errors](crate::guide::acknowledgements#errors).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    /// The other side did not answer in time.
    #[error("no acknowledgement arrived in time")]
    Timeout,
    /// The socket closed before the acknowledgement arrived.
    #[error("the socket closed before the acknowledgement arrived")]
    Closed,
    /// The acknowledgement does not have the declared type.
    #[error("the acknowledgement could not be decoded: {0}")]
    Decode(#[from] DecodeError),
    /// The other side did not handle the event, for the given reason.
    #[error("the event was rejected: {0}")]
    Rejected(Rejection),
    /// Too many acknowledgements of this socket are pending ([`Limits::pending_acks`](crate::Limits::pending_acks));
    /// the event was not sent.
    #[error(
        "too many pending acknowledgements of the socket (limit {0}); see `Limits::pending_acks`"
    )]
    TooManyPending(usize),
    /// The event could not be sent.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Error returned by [`Socket::try_join`](crate::Socket::try_join) when the socket would be in more rooms than
/// [`Limits::rooms`](crate::Limits::rooms) allows. The socket has joined none of the given rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many rooms of the socket (limit {limit}); see `Limits::rooms`")]
#[non_exhaustive]
pub struct TooManyRooms {
    /// Maximum number of rooms.
    pub limit: usize,
}

/// Error returned by [`SocketIo::mount`](crate::SocketIo::mount) when a namespace was not mounted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MountError {
    /// A namespace with this path, or this namespace type, is already mounted.
    #[error("namespace `{0}` is already mounted")]
    AlreadyMounted(&'static str),
    /// A dynamic path collides with another dynamic path.
    #[error("the path `{pattern}` cannot be mounted: {reason}")]
    Path {
        /// The path as declared.
        pattern: &'static str,
        /// Reason for the collision.
        reason: String,
    },
}
