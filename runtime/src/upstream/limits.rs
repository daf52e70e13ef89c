//! Limits that socketioxide and engineioxide enforce.
//!
//! Contract: the connection ends on a message beyond `max_payload`, on more attachments than announced or allowed, and
//! on attachments that do not arrive in time (`docs/upstream.md`, *Contracts*; tests: `limits.rs`, `hostile`).

use std::time::Duration;

use socketioxide::{ParserConfig, SocketIoBuilder};

use super::Adapter;
use crate::config::{limits::Limits, parser::Parser};

/// Timeout for the arrival of an event's attachments.
const COMPLETION: Duration = Duration::from_secs(30);

/// Applies the limits to a server builder.
pub(crate) fn with_limits(
    raw: SocketIoBuilder<Adapter>,
    limits: &Limits,
    parser: Parser,
) -> SocketIoBuilder<Adapter> {
    let raw = raw
        .max_payload(limits.max_payload as u64)
        .ws_max_message_size(limits.max_payload)
        .ws_max_frame_size(limits.max_payload);
    match parser {
        Parser::Common => raw.with_parser(
            ParserConfig::common()
                .max_incoming_binaries(limits.attachments)
                .max_incoming_binary_buf_size(limits.max_payload)
                .packet_completion_timeout(COMPLETION),
        ),
        // MessagePack packets have no attachments.
        Parser::Msgpack => raw.with_parser(ParserConfig::msgpack()),
    }
}
