//! How much a client may ask of the server.

use std::time::Duration;

use socketioxide::{ParserConfig, SocketIoBuilder};

use crate::{cluster::Adapter, io::Parser, transport::ClientAddress};

/// How much a client may ask of the server, and what it sees if it asks for more.
///
/// ```
/// use sio_types::{Limits, SocketIo};
///
/// let limits = Limits::default().payload(64 * 1024).attachments(2);
/// let (layer, io) = SocketIo::builder().limits(limits).build_layer();
/// ```
#[derive(Debug, Clone)]
#[must_use = "limits are given to `Builder::limits`"]
pub struct Limits {
    pub(crate) payload: usize,
    pub(crate) attachments: usize,
    pub(crate) backlog: usize,
    pub(crate) connections_per_address: Option<usize>,
    pub(crate) client_address: ClientAddress,
}

/// How long the attachments of an event may take to arrive.
const COMPLETION: Duration = Duration::from_secs(30);

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload: 1_000_000,
            attachments: 10,
            backlog: 4_000_000,
            connections_per_address: None,
            client_address: ClientAddress::peer(),
        }
    }
}

impl Limits {
    /// The largest message, in bytes, over either transport, and the largest sum of an event's attachments; 1,000,000
    /// unless set, as in [Node](https://socket.io/docs/v4/server-options/#maxhttpbuffersize).
    ///
    /// A client that sends more loses its connection (`transport close` or `transport error`), and connects again.
    pub fn payload(self, bytes: usize) -> Self {
        Self {
            payload: bytes,
            ..self
        }
    }

    /// The binary attachments of one event; 10 unless set, as in
    /// [Node](https://github.com/socketio/socket.io/tree/main/packages/socket.io-parser).
    ///
    /// A client that announces more loses its connection (`transport close`), and connects again. With
    /// [`Parser::Msgpack`] there are none.
    pub fn attachments(self, count: usize) -> Self {
        Self {
            attachments: count,
            ..self
        }
    }

    /// What may wait for one socket whose send buffer is full, in bytes of memory; 4,000,000 unless set, which are about
    /// 20,000 small events. See [`WhenFull::Wait`](crate::WhenFull::Wait).
    ///
    /// Beyond it, emits to the socket give [`EmitError::Full`](crate::EmitError::Full), and an acknowledgement that the
    /// client has asked for is lost, which is logged and given to [`Lifecycle::rejected`](crate::Lifecycle::rejected).
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

    /// What socketioxide judges by itself.
    pub(crate) fn apply(
        &self,
        raw: SocketIoBuilder<Adapter>,
        parser: Parser,
    ) -> SocketIoBuilder<Adapter> {
        let raw = raw
            .max_payload(self.payload as u64)
            .ws_max_message_size(self.payload)
            .ws_max_frame_size(self.payload);
        match parser {
            Parser::Common => raw.with_parser(
                ParserConfig::common()
                    .max_incoming_binaries(self.attachments)
                    .max_incoming_binary_buf_size(self.payload)
                    .packet_completion_timeout(COMPLETION),
            ),
            // It has no attachments.
            Parser::Msgpack => raw.with_parser(ParserConfig::msgpack()),
        }
    }
}
