//! Limits on the resources that a client may use.

use super::client_address::ClientAddress;
use crate::support::rate::Rate;

/// Limits on the resources that a client may use.
///
/// The server logs a warning when a client exceeds a limit. Each namespace writes at most ten of these lines a second,
/// with a burst of 100. It logs the others at the level `debug`, and reports their number as `left_out` in the next
/// warning.
///
/// ```
/// use sio_types::{Limits, Rate, SocketIo};
///
/// let limits = Limits::default()
///     .max_payload(64 * 1024)
///     .attachments(2)
///     .events(Rate::per_second(20).burst(60));
/// let (layer, io) = SocketIo::builder().limits(limits).build_layer();
/// ```
///
/// The guide to [limits](crate::guide::limits) lists what the client and the server see above each limit.
#[derive(Debug, Clone)]
#[must_use = "limits have no effect until they are passed to `Builder::limits`"]
pub struct Limits {
    pub(crate) max_payload: usize,
    pub(crate) attachments: usize,
    pub(crate) backlog: usize,
    pub(crate) connections_per_address: Option<usize>,
    pub(crate) client_address: ClientAddress,
    pub(crate) arguments: usize,
    pub(crate) namespaces: usize,
    pub(crate) children: usize,
    pub(crate) rooms: usize,
    pub(crate) pending_acks: usize,
    pub(crate) events_in_progress: usize,
    pub(crate) events: Option<Rate>,
    pub(crate) max_rate_violations: Option<Rate>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_payload: 1_000_000,
            attachments: 10,
            backlog: 4_000_000,
            connections_per_address: None,
            client_address: ClientAddress::peer(),
            arguments: 64,
            namespaces: 100,
            children: 10_000,
            rooms: 5_000,
            pending_acks: 1_000,
            events_in_progress: 1_000,
            events: None,
            max_rate_violations: None,
        }
    }
}

impl Limits {
    /// Sets the maximum size of a message, in bytes, over either transport, and of all attachments of one event
    /// together. The default is 1,000,000, as in [Node](https://socket.io/docs/v4/server-options/#maxhttpbuffersize).
    ///
    /// A client that sends more loses its connection (`transport close` or `transport error`) and reconnects.
    pub fn max_payload(self, bytes: usize) -> Self {
        Self {
            max_payload: bytes,
            ..self
        }
    }

    /// Sets the maximum number of binary attachments of one event. The default is 10, as in
    /// [Node](https://github.com/socketio/socket.io/tree/main/packages/socket.io-parser).
    ///
    /// A client that announces more loses its connection (`transport close`) and reconnects. With
    /// [`Parser::Msgpack`](crate::Parser::Msgpack) there are no attachments.
    pub fn attachments(self, count: usize) -> Self {
        Self {
            attachments: count,
            ..self
        }
    }

    /// Sets the number of bytes that may wait to be sent over one connection, over either transport: events and
    /// acknowledgements of all its namespaces together. The default is 4,000,000, which is about 20,000 small events.
    ///
    /// - Above half of it, the server stops reading from the client until the client has received some of the data. The
    ///   server disconnects a client that receives nothing for [`ping_timeout`](crate::Builder::ping_timeout), or does
    ///   not poll for as long.
    /// - Above it, emits to the connection's sockets return [`EmitError::Full`](crate::EmitError::Full). An
    ///   acknowledgement that the client has asked for is lost; the server logs this and calls
    ///   [`Lifecycle::rejected`](crate::Lifecycle::rejected).
    ///
    /// One message may be larger than the limit if nothing else waits. Broadcasts are never rejected: a message that
    /// does not fit waits once for all its receivers, up to [`max_buffer_size`](crate::Builder::max_buffer_size)
    /// packets.
    pub fn backlog(self, bytes: usize) -> Self {
        Self {
            backlog: bytes,
            ..self
        }
    }

    /// Sets the maximum number of simultaneous connections per address; for IPv6, per /64 prefix. There is no limit by
    /// default.
    ///
    /// All clients behind one router share an address, so allow for the number of users there, times the connections
    /// that a page opens. A connection counts from its first request until it is closed. One that polls and has never
    /// joined a namespace counts until the server drops it after [`connect_timeout`](crate::Builder::connect_timeout).
    ///
    /// The server rejects further connections with status 429 and `{"code":4,"message":"Too many connections"}`. The
    /// client sees a `connect_error` (`xhr poll error`, with 429 as its `description`, or `websocket error`) and tries
    /// again. If the [address](Self::client_address) is not known, the server rejects every connection with status 500.
    pub fn connections_per_address(self, count: usize) -> Self {
        Self {
            connections_per_address: Some(count),
            ..self
        }
    }

    /// Sets the source of a client's address. The default is [`ClientAddress::peer`].
    pub fn client_address(self, address: ClientAddress) -> Self {
        Self {
            client_address: address,
            ..self
        }
    }

    /// Sets the maximum number of arguments of one event. The default is 64. A trait's event has at most 12, and the
    /// server ignores additional arguments of newer clients.
    ///
    /// The server rejects an event with more as `invalid_payload`, without building it in memory.
    pub fn arguments(self, count: usize) -> Self {
        Self {
            arguments: count,
            ..self
        }
    }

    /// Sets the maximum number of namespaces of one connection, including those that its client is connecting to. The
    /// default is 100, for clients with a namespace for each of their tenants or documents.
    ///
    /// A client above the limit receives the
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error) `too many namespaces`. Its other
    /// namespaces stay connected.
    pub fn namespaces(self, count: usize) -> Self {
        Self {
            namespaces: count,
            ..self
        }
    }

    /// Sets the maximum number of children of one dynamic namespace on one server. The default is 10,000. A child
    /// exists from the first client's request until shortly after its last client has left
    /// ([`cleanupEmptyChildNamespaces`](https://socket.io/docs/v4/server-options/#cleanupemptychildnamespaces)). It
    /// takes some kilobytes of memory, and three subscriptions in Redis.
    ///
    /// A client that asks for one more receives the
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error) `too many children`. Existing
    /// children continue to accept clients.
    pub fn children(self, count: usize) -> Self {
        Self {
            children: count,
            ..self
        }
    }

    /// Sets the maximum number of rooms of one socket, not counting the room of its own id. The default is 5,000, which
    /// take about as much memory as one message of the maximum size.
    ///
    /// The client is not notified: [`Socket::try_join`](crate::Socket::try_join) returns an error, and
    /// [`Socket::join`](crate::Socket::join) logs a warning. Rooms that a server makes many sockets join together
    /// ([`Broadcast::join`](crate::Broadcast::join)) are not rejected, but they count when the socket joins the next
    /// one.
    pub fn rooms(self, count: usize) -> Self {
        Self {
            rooms: count,
            ..self
        }
    }

    /// Sets the maximum number of pending acknowledgements per socket. The default is 1,000: 200 a second that are
    /// never answered, with the [`ack_timeout`](crate::Builder::ack_timeout) of 5 s.
    ///
    /// Above it, the emit returns [`AckError::TooManyPending`](crate::AckError::TooManyPending) and sends nothing to
    /// the client. Broadcasts do not count, and are never rejected.
    pub fn pending_acks(self, count: usize) -> Self {
        Self {
            pending_acks: count,
            ..self
        }
    }

    /// Sets the number of events of one connection whose handlers may run at the same time. The default is 1,000. A
    /// handler that finishes at its first poll, without waiting for anything, does not count.
    ///
    /// Above it, the server reads nothing more from the client until one of the handlers has finished. After 5 s
    /// without that, it reads again, because the client's heartbeats are in the same stream. It then rejects the
    /// client's events as `overloaded` ([`RejectionCode::Overloaded`](crate::RejectionCode::Overloaded)) until a
    /// handler finishes.
    pub fn events_in_progress(self, count: usize) -> Self {
        Self {
            events_in_progress: count,
            ..self
        }
    }

    /// Sets the rate limit for all events of one socket. There is no limit by default. The rate limit of a single event
    /// is part of its declaration: [`#[event(rate = "5/s")]`](macro@crate::events).
    ///
    /// The server rejects an event above the limit as `rate_limited`
    /// ([`RejectionCode::RateLimited`](crate::RejectionCode::RateLimited)). The client is notified if the
    /// acknowledgement is fallible. The server logs at most one line a second for each socket.
    pub fn events(self, rate: Rate) -> Self {
        Self {
            events: Some(rate),
            ..self
        }
    }

    /// Disconnects a socket when more of its events than this are rejected as `rate_limited`. By default, the server
    /// does not disconnect it.
    ///
    /// The client sees `io server disconnect` and does not reconnect automatically. If it continues to send, it sees
    /// `transport close` and reconnects.
    pub fn max_rate_violations(self, rate: Rate) -> Self {
        Self {
            max_rate_violations: Some(rate),
            ..self
        }
    }
}
