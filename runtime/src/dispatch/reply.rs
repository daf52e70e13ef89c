//! Acknowledgements on their way out.

use std::sync::Arc;

use socketioxide::{extract::AckSender, handler::FromMessageParts};
use socketioxide_core::Value;

use crate::{
    cluster::{Adapter, RawSocket},
    error::EmitError,
    wire::{Arguments, Outgoing},
};

/// Where the acknowledgement of an event goes.
#[derive(Clone)]
pub(crate) enum Reply {
    /// To a client that asked for one.
    Client { socket: Arc<RawSocket>, id: i64 },
    /// Nobody waits for it.
    None,
}

impl Reply {
    pub(super) fn send<A: Arguments>(&self, arguments: &A) -> Result<(), EmitError> {
        let Self::Client { socket, id } = self else {
            return Ok(());
        };
        let Ok(sender) =
            AckSender::<Adapter>::from_message_parts(socket, &mut no_value(), &Some(*id));
        Ok(sender.send(&Outgoing(arguments))?)
    }
}

/// The extractors of socketioxide want a message even where they do not look at it.
pub(crate) fn no_value() -> Value {
    Value::Bytes(bytes::Bytes::new())
}
