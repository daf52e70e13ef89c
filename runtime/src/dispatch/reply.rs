//! Acknowledgements on their way out.

use std::sync::Arc;

use socketioxide::{extract::AckSender, handler::FromMessageParts};
use socketioxide_core::Value;

use crate::{
    ack::{Envelope, Rejection},
    cluster::{Adapter, NodeReply, Outcome, RawSocket},
    error::EmitError,
    wire::{Arguments, Message, One, Outgoing},
};

/// Where the acknowledgement of an event goes.
#[derive(Clone)]
pub(crate) enum Reply {
    /// To a client that asked for one.
    Client { socket: Arc<RawSocket>, id: i64 },
    /// To another server.
    Node(NodeReply),
    /// Nobody waits for it.
    None,
}

impl Reply {
    pub(super) fn send<A: Arguments>(&self, arguments: &A) -> Result<(), EmitError> {
        match self {
            Self::Client { socket, id } => {
                let Ok(sender) =
                    AckSender::<Adapter>::from_message_parts(socket, &mut no_value(), &Some(*id));
                Ok(sender.send(&Outgoing(arguments))?)
            }
            Self::Node(reply) => {
                let answer = Message::encode_answer(arguments)
                    .map_err(|error| EmitError::Encode(error.to_string()))?;
                reply.send(Outcome::Value(answer));
                Ok(())
            }
            Self::None => Ok(()),
        }
    }

    /// Says that the event was not handled. A client is told where the acknowledgement is fallible, which alone has a
    /// form for it.
    pub(super) fn reject(&self, reason: Rejection, fallible: bool) -> Result<(), EmitError> {
        match self {
            Self::Client { .. } if fallible => {
                self.send(&One(Envelope::<(), ()>::Rejected { reason }))
            }
            Self::Node(reply) if !reply.takes_rejections() && fallible => {
                self.send(&One(Envelope::<(), ()>::Rejected { reason }))
            }
            Self::Node(reply) => {
                reply.send(Outcome::Rejected(reason));
                Ok(())
            }
            Self::Client { .. } | Self::None => Ok(()),
        }
    }
}

/// The extractors of socketioxide want a message even where they do not look at it.
pub(crate) fn no_value() -> Value {
    Value::Bytes(bytes::Bytes::new())
}
