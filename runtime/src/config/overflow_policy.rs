//! Policy for events that exceed a socket's send buffer.

/// Policy for an event to a socket for which too much data already waits: more than
/// [`Limits::backlog`](crate::Limits::backlog) bytes, or [`max_buffer_size`](crate::Builder::max_buffer_size) packets.
///
/// ```
/// use sio_types::{OverflowPolicy, SocketIo};
///
/// let (layer, io) = SocketIo::builder()
///     .overflow_policy(OverflowPolicy::Disconnect)
///     .build_layer();
/// ```
///
/// Acknowledgements that a client has asked for wait up to the limit in bytes under every policy, because the client
/// would otherwise never receive them. One slow socket does not make a broadcast fail for the others. The broadcast
/// returns [`EmitError::Full`](crate::EmitError::Full) if the engine's channel of at least one socket was full, and all
/// other sockets receive the event.
///
/// See also the guide to [slow clients](crate::guide::limits#slow-clients).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OverflowPolicy {
    /// The event waits, however many packets already do, and is sent in order, as in Node. Above
    /// [`Limits::backlog`](crate::Limits::backlog), the emit returns [`EmitError::Full`](crate::EmitError::Full).
    #[default]
    Wait,
    /// The emit returns [`EmitError::Full`](crate::EmitError::Full).
    Refuse,
    /// The event is dropped, as if it were [volatile](crate::Socket::volatile). If it asks for an acknowledgement, the
    /// emit returns [`EmitError::Full`](crate::EmitError::Full).
    Drop,
    /// The emit returns [`EmitError::Full`](crate::EmitError::Full), and the server ends the client's connection. The
    /// client sees `transport close` or `transport error`, reconnects, and can fetch what it has missed. A client that
    /// polls and does not fetch what waits for it is disconnected when the next heartbeat finds the buffer full.
    Disconnect,
}
