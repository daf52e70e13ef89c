//! socketioxide's extractors, used outside of its handlers.
//!
//! Contract: the extractors of the server and of the acknowledgement look at the socket and at the id alone, not at the
//! message (`docs/upstream.md`).

use std::sync::Arc;

use socketioxide::{extract::AckSender, handler::FromMessageParts};

use super::{Adapter, RawIo, RawSocket};
use crate::protocol::Value;

/// The server of a socket.
pub(crate) fn server(socket: &Arc<RawSocket>) -> RawIo {
    let Ok(server) = RawIo::from_message_parts(socket, &mut no_value(), &None);
    server
}

/// Sends the acknowledgement that a client has asked for by this id.
pub(crate) fn ack_sender(socket: &Arc<RawSocket>, id: i64) -> AckSender<Adapter> {
    let Ok(sender) = AckSender::from_message_parts(socket, &mut no_value(), &Some(id));
    sender
}

/// The extractors want a message even where they do not look at it.
fn no_value() -> Value {
    Value::Bytes(bytes::Bytes::new())
}
