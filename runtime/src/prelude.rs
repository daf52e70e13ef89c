//! Common imports for files that declare events or handlers.
//!
//! ```
//! use sio_types::prelude::*;
//! ```
//!
//! The types that configure a server, such as [`Limits`](crate::Limits) and [`Origins`](crate::Origins), are not part
//! of it.

pub use super::cluster::Cluster;
pub use crate::{
    Events, Sid,
    api::peer::Peer,
    contract::error::{AckError, EmitError},
    events, payload,
    server::socket_io::SocketIo,
    session::{
        connect_error::ConnectError,
        handshake::Handshake,
        lifecycle::{DisconnectReason, Lifecycle},
        listeners::MiddlewareError,
        socket::Socket,
    },
    wire::binary::Binary,
};
pub use sio_types_schema::Schema;
