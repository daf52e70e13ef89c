//! Protocol types that socketioxide defines and every layer uses.

pub use socketioxide::{
    TransportType,
    socket::{DisconnectReason, Sid},
};
pub(crate) use socketioxide_core::adapter::{Room, RoomParam};
pub(crate) use socketioxide_core::{Str, Uid, Value};
