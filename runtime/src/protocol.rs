//! Types of the protocol that socketioxide defines and that every layer uses.

pub use socketioxide::{
    TransportType,
    socket::{DisconnectReason, Sid},
};
pub(crate) use socketioxide_core::adapter::{Room, RoomParam};
pub(crate) use socketioxide_core::{Str, Uid, Value};
