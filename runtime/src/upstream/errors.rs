//! Conversions from socketioxide's errors to those of the public interface.

use socketioxide::{BroadcastError, EmitWithAckError, SendError, SocketError};

use crate::{
    contract::error::{AckError, EmitError},
    wire::message::DecodeError,
};

impl From<SocketError> for EmitError {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::InternalChannelFull => Self::Full,
            SocketError::Closed => Self::Closed,
        }
    }
}

impl From<SendError> for EmitError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Serialize(error) => Self::Encode(error.to_string()),
            SendError::Socket(error) => error.into(),
        }
    }
}

impl From<EmitWithAckError> for EmitError {
    fn from(error: EmitWithAckError) -> Self {
        match error {
            EmitWithAckError::Encode(error) => Self::Encode(error.to_string()),
            EmitWithAckError::Adapter(error) => Self::Engine(error.to_string()),
        }
    }
}

impl EmitError {
    /// Converts the error of a broadcast. A socket that closes during the broadcast is not a failure, because it is no
    /// longer in the room.
    pub(crate) fn from_broadcast(error: BroadcastError) -> Result<(), Self> {
        match error {
            BroadcastError::Socket(errors) => errors
                .into_iter()
                .find(|error| matches!(error, SocketError::InternalChannelFull))
                .map_or(Ok(()), |error| Err(error.into())),
            BroadcastError::Serialize(error) => Err(Self::Encode(error.to_string())),
            BroadcastError::Adapter(error) => Err(Self::Engine(error.to_string())),
        }
    }
}

impl From<socketioxide::AckError> for AckError {
    fn from(error: socketioxide::AckError) -> Self {
        match error {
            socketioxide::AckError::Timeout => Self::Timeout,
            socketioxide::AckError::Socket(SocketError::Closed) => Self::Closed,
            socketioxide::AckError::Socket(error) => Self::Emit(error.into()),
            socketioxide::AckError::Decode(error) => Self::Decode(DecodeError::new(error)),
        }
    }
}
