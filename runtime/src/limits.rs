//! How much a client may ask of the server.

use std::time::Duration;

use socketioxide::{ParserConfig, SocketIoBuilder};

use crate::{cluster::Adapter, io::Parser};

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
}

/// How long the attachments of an event may take to arrive.
const COMPLETION: Duration = Duration::from_secs(30);

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload: 1_000_000,
            attachments: 10,
            backlog: 4_000_000,
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

    /// What may wait for one socket whose send buffer is full, in bytes; 4,000,000 unless set. See
    /// [`WhenFull::Wait`](crate::WhenFull::Wait).
    ///
    /// Beyond it, emits to the socket give [`EmitError::Full`](crate::EmitError::Full), and an acknowledgement that the
    /// client has asked for is lost, which is logged and given to [`Lifecycle::rejected`](crate::Lifecycle::rejected).
    pub fn backlog(self, bytes: usize) -> Self {
        Self {
            backlog: bytes,
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
