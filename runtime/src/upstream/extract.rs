//! Use of socketioxide's extractors outside of its handlers.
//!
//! Contract: the extractors of the server and of the acknowledgement only use the socket and the id, not the message
//! (`docs/upstream.md`).

use std::sync::Arc;

use socketioxide::{extract::AckSender, handler::FromMessageParts};

use super::{Adapter, RawIo, RawSocket};
use crate::protocol::Value;

pub(crate) fn server(socket: &Arc<RawSocket>) -> RawIo {
    let Ok(server) = RawIo::from_message_parts(socket, &mut no_value(), &None);
    server
}

/// Returns a sender for the acknowledgement that a client has asked for with this id.
pub(crate) fn ack_sender(socket: &Arc<RawSocket>, id: i64) -> AckSender<Adapter> {
    let Ok(sender) = AckSender::from_message_parts(socket, &mut no_value(), &Some(id));
    sender
}

/// Creates a dummy message, which the extractors require even if they do not use it.
fn no_value() -> Value {
    Value::Bytes(bytes::Bytes::new())
}
