//! How much a client may ask of the server.

use super::client_address::ClientAddress;
use crate::support::rate::Rate;

/// How much a client may ask of the server, and what it sees if it asks for more.
///
/// What is beyond a limit is logged as a warning, of which a namespace writes 100 at once and ten a second at most; the
/// others are at the level `debug`, and their number stands in the next one as `left_out`.
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
#[derive(Debug, Clone)]
#[must_use = "limits are given to `Builder::limits`"]
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
    /// The largest message, in bytes, over either transport, and the largest sum of an event's attachments; 1,000,000
    /// unless set, as in [Node](https://socket.io/docs/v4/server-options/#maxhttpbuffersize).
    ///
    /// A client that sends more loses its connection (`transport close` or `transport error`), and connects again.
    pub fn max_payload(self, bytes: usize) -> Self {
        Self {
            max_payload: bytes,
            ..self
        }
    }

    /// The binary attachments of one event; 10 unless set, as in
    /// [Node](https://github.com/socketio/socket.io/tree/main/packages/socket.io-parser).
    ///
    /// A client that announces more loses its connection (`transport close`), and connects again. With
    /// [`Parser::Msgpack`](crate::Parser::Msgpack) there are none.
    pub fn attachments(self, count: usize) -> Self {
        Self {
            attachments: count,
            ..self
        }
    }

    /// Number of bytes that may wait to be sent over one connection, over either transport: events and acknowledgements
    /// of all its namespaces together; 4,000,000 by default, which are about 20,000 small events.
    ///
    /// - Above half of it, the server reads nothing more from the client, until the client has taken some. A client that
    ///   takes nothing for [`ping_timeout`](crate::Builder::ping_timeout), or polls for nothing, is disconnected.
    /// - Above it, emits to the connection's sockets give [`EmitError::Full`](crate::EmitError::Full), and an
    ///   acknowledgement that the client has asked for is lost, which is logged and given to
    ///   [`Lifecycle::rejected`](crate::Lifecycle::rejected).
    ///
    /// One message may be larger than the limit if nothing else waits. Broadcasts are not refused: what does not fit waits
    /// once for all its receivers, up to [`max_buffer_size`](crate::Builder::max_buffer_size) packets.
    pub fn backlog(self, bytes: usize) -> Self {
        Self {
            backlog: bytes,
            ..self
        }
    }

    /// The connections that one address may have at a time, of IPv6 the first 64 bits of one; no limit unless set.
    ///
    /// All clients behind one router have one address: what a page opens times those who may sit there. A connection
    /// counts from its first request until it is closed; one that polls and has never been in a namespace, until it is
    /// given up after [`connect_timeout`](crate::Builder::connect_timeout).
    ///
    /// Beyond it a connection is refused with status 429 and `{"code":4,"message":"Too many connections"}`: the client
    /// sees a `connect_error` (`xhr poll error`, with 429 as its `description`, or `websocket error`), and tries again.
    /// Where the [address](Self::client_address) is not known, all are refused, with status 500.
    pub fn connections_per_address(self, count: usize) -> Self {
        Self {
            connections_per_address: Some(count),
            ..self
        }
    }

    /// Where the address of a client comes from; [`ClientAddress::peer`] unless set.
    pub fn client_address(self, address: ClientAddress) -> Self {
        Self {
            client_address: address,
            ..self
        }
    }

    /// The arguments of one event; 64 unless set, where a trait's event has 12 at most and what a newer client adds is
    /// ignored.
    ///
    /// An event with more is rejected as `invalid_payload`, without being built in memory.
    pub fn arguments(self, count: usize) -> Self {
        Self {
            arguments: count,
            ..self
        }
    }

    /// The namespaces of one connection, those that its client is being let into included; 100 unless set, for the
    /// clients that have a namespace for each of their tenants or documents.
    ///
    /// A client sees the [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error)
    /// `too many namespaces`, and its other namespaces go on.
    pub fn namespaces(self, count: usize) -> Self {
        Self {
            namespaces: count,
            ..self
        }
    }

    /// The children of one dynamic namespace on one server; 10,000 unless set. A child is there from when its first
    /// client asks for it until shortly after its last one has left
    /// ([`cleanupEmptyChildNamespaces`](https://socket.io/docs/v4/server-options/#cleanupemptychildnamespaces)), and takes
    /// some kilobytes, and three subscriptions in Redis.
    ///
    /// A client that asks for one more sees the
    /// [`connect_error`](https://socket.io/docs/v4/client-api/#event-connect_error) `too many children`; those that are
    /// there go on, and take in others.
    pub fn children(self, count: usize) -> Self {
        Self {
            children: count,
            ..self
        }
    }

    /// The rooms of one socket, that of its own id not included; 5,000 unless set, which take about as much memory as
    /// one of the largest messages.
    ///
    /// The client sees nothing: [`Socket::try_join`](crate::Socket::try_join) is an error, and
    /// [`Socket::join`](crate::Socket::join) logs a warning. Rooms that a server makes many sockets join at once
    /// ([`Broadcast::join`](crate::Broadcast::join)) are not refused; they count when the socket joins the next.
    pub fn rooms(self, count: usize) -> Self {
        Self {
            rooms: count,
            ..self
        }
    }

    /// How many acknowledgements of one socket the server may be waiting for; 1,000 unless set: 200 a second that are
    /// never answered, with the [`ack_timeout`](crate::Builder::ack_timeout) of 5 s.
    ///
    /// The client is sent nothing: the emit is [`AckError::TooManyPending`](crate::AckError::TooManyPending). Broadcasts
    /// do not count, and are not refused.
    pub fn pending_acks(self, count: usize) -> Self {
        Self {
            pending_acks: count,
            ..self
        }
    }

    /// Number of events of one connection whose handlers may be running at a time; 1,000 by default. A handler that ends
    /// at its first poll, without waiting for anything, does not count.
    ///
    /// Above it, the server reads nothing more from the client until one of the handlers has ended. After 5 s without
    /// that, it reads on, for the client's heartbeats are among what it sends, and rejects the client's events as
    /// `overloaded` ([`RejectionCode::Overloaded`](crate::RejectionCode::Overloaded)) until there is room again.
    pub fn events_in_progress(self, count: usize) -> Self {
        Self {
            events_in_progress: count,
            ..self
        }
    }

    /// How many events one socket may send; as many as it likes unless set. One event's own rate is a matter of its
    /// declaration: [`#[event(rate = "5/s")]`](macro@crate::events).
    ///
    /// An event beyond it is rejected as `rate_limited`
    /// ([`RejectionCode::RateLimited`](crate::RejectionCode::RateLimited)): a client is told where the acknowledgement is
    /// fallible. At most one line a second is logged for each socket.
    pub fn events(self, rate: Rate) -> Self {
        Self {
            events: Some(rate),
            ..self
        }
    }

    /// Disconnects a socket of which more events than this are rejected as `rate_limited`; none unless set.
    ///
    /// The client sees `io server disconnect`, and does not come back by itself; or, if it goes on sending, `transport
    /// close`, after which it does.
    pub fn max_rate_violations(self, rate: Rate) -> Self {
        Self {
            max_rate_violations: Some(rate),
            ..self
        }
    }
}
