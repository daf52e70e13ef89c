//! Inter-server events as they arrive, and where their answers go.

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
    /// The sender; a server of Node.js has no id.
    pub(crate) from: Option<ServerId>,
    pub(crate) message: Message<'static>,
    pub(crate) reply: Option<Arc<dyn EventReply>>,
}

/// Where the answer to another server goes.
pub(crate) trait EventReply: Send + Sync {
    /// Sends the answer.
    fn send(&self, outcome: Outcome);

    /// `true` if the other server can be told that the event was not handled.
    fn takes_rejections(&self) -> bool;
}

/// Takes inter-server events that arrive.
pub(crate) trait EventSink: Send + Sync {
    /// Handles an event.
    fn event(&self, event: IncomingEvent);
}

/// What came of a request on one server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// The arguments of the acknowledgement, as MessagePack.
    Value(Bytes),
    /// The same as JSON, which is what Node's servers speak.
    Json(String),
    /// The event was not handled.
    Rejected(Rejection),
}
