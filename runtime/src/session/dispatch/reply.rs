//! Outgoing acknowledgements.

use std::sync::Arc;

use super::EventContext;
use crate::{
    cluster::event::{EventReply, Outcome},
    contract::error::EmitError,
    wire::{
        acknowledgement::{Envelope, Rejection},
        arguments::{Arguments, One},
        message::Message,
    },
};

/// Destination of an event's acknowledgement.
pub(crate) enum Reply {
    /// The client that asked for it with this id.
    Client(i64),
    /// Another server.
    Server(Arc<dyn EventReply>),
    /// Nobody: the sender did not ask for an acknowledgement.
    None,
}

impl Reply {
    /// Returns the reply to a client that may have asked for an acknowledgement.
    pub(super) fn to(id: Option<i64>) -> Self {
        id.map_or(Self::None, Self::Client)
    }

    pub(super) fn send(
        &self,
        context: &impl EventContext,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        match self {
            Self::Client(id) => context.acknowledge(*id, arguments),
            Self::Server(reply) => {
                let answer = Message::encode_answer(arguments)
                    .map_err(|error| EmitError::Encode(error.to_string()))?;
                reply.send(Outcome::Value(answer));
                Ok(())
            }
            Self::None => Ok(()),
        }
    }

    /// Reports that the event was not handled. A client is notified only if the acknowledgement is fallible, because
    /// only that has a format for rejections.
    pub(super) fn reject(
        &self,
        context: &impl EventContext,
        reason: Rejection,
        fallible: bool,
    ) -> Result<(), EmitError> {
        match self {
            Self::Client(_) if fallible => {
                self.send(context, &One(Envelope::<(), ()>::Rejected { reason }))
            }
            Self::Server(reply) if !reply.takes_rejections() && fallible => {
                self.send(context, &One(Envelope::<(), ()>::Rejected { reason }))
            }
            Self::Server(reply) => {
                reply.send(Outcome::Rejected(reason));
                Ok(())
            }
            Self::Client(_) | Self::None => Ok(()),
        }
    }
}
