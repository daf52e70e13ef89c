//! Acknowledgements on their way out.

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

/// Where the acknowledgement of an event goes.
pub(crate) enum Reply {
    /// To the client that asked for it by this id.
    Client(i64),
    /// To another server.
    Server(Arc<dyn EventReply>),
    /// Nobody waits for it.
    None,
}

impl Reply {
    /// To a client that may have asked for one.
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

    /// Says that the event was not handled. A client is told where the acknowledgement is fallible, which alone has a
    /// form for it.
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
