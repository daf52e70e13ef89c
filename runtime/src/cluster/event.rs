//! Incoming inter-server events and the replies to them.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    contract::server_id::ServerId,
    wire::{acknowledgement::Rejection, message::Message},
};

/// An inter-server event that has arrived.
pub(crate) struct IncomingEvent {
    pub(crate) namespace: String,
    /// The sender, or `None` for a Node.js server, which has no id.
    pub(crate) from: Option<ServerId>,
    pub(crate) message: Message<'static>,
    pub(crate) reply: Option<Arc<dyn EventReply>>,
}

/// A reply to another server.
pub(crate) trait EventReply: Send + Sync {
    fn send(&self, outcome: Outcome);

    /// `true` if the protocol of the other server has a message for a rejected event.
    fn takes_rejections(&self) -> bool;
}

/// A handler of incoming inter-server events.
pub(crate) trait EventSink: Send + Sync {
    fn event(&self, event: IncomingEvent);
}

/// The outcome of a request on one server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The arguments of the acknowledgement, as MessagePack.
    Value(Bytes),
    /// The arguments of the acknowledgement, as JSON, for Node.js servers.
    Json(String),
    /// The server did not handle the event.
    Rejected(Rejection),
}
