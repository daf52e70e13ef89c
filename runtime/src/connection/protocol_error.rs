//! Errors of Engine.IO requests.

/// Reason why a request is rejected, with [Engine.IO's
/// codes](https://socket.io/docs/v4/server-api/#event-connection_error).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    UnknownTransport,
    UnknownSession,
    BadMethod,
    BadRequest,
    UnsupportedProtocol,
}
