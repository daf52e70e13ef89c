//! What becomes of an event for which there is no room.

/// Policy for an event to one socket for which too much waits already: more than
/// [`Limits::backlog`](crate::Limits::backlog) bytes, or [`max_buffer_size`](crate::Builder::max_buffer_size) packets.
///
/// Acknowledgements that a client has asked for wait up to the limit in bytes, whatever the policy is: it would ask in
/// vain. A broadcast is not refused for one slow socket; it gives [`EmitError::Full`](crate::EmitError::Full) if the engine's channel of at least
/// one of its sockets was full, and all others have the event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OverflowPolicy {
    /// It waits, however many packets do, and is sent in order, as in Node; above
    /// [`Limits::backlog`](crate::Limits::backlog) it is [`EmitError::Full`](crate::EmitError::Full).
    #[default]
    Wait,
    /// The emit gives [`EmitError::Full`](crate::EmitError::Full).
    Refuse,
    /// It is dropped, as if it were [volatile](crate::Socket::volatile). An event that asks for an acknowledgement is
    /// [`EmitError::Full`](crate::EmitError::Full).
    Drop,
    /// The emit gives [`EmitError::Full`](crate::EmitError::Full), and the client's connection ends: it sees `transport close` or `transport error`, connects again,
    /// and can fetch anew what it has missed. A client that polls and does not fetch what waits for it is disconnected
    /// when the next heartbeat finds the buffer full.
    Disconnect,
}
