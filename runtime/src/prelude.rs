//! What a file of events and handlers needs: `use sio_types::prelude::*;`.

pub use crate::{
    AckError, Binary, Cluster, ConnectError, DisconnectReason, EmitError, Events, Handshake,
    Lifecycle, Node, Refusal, Schema, Sid, Socket, SocketIo, events, payload,
};
