//! Ends a client's connection so that the client reconnects.
//!
//! socketioxide can only disconnect a client from a namespace, after which clients do not reconnect automatically.
//!
//! Contract: an acknowledgement may be sent before the client is connected. The official clients close their connection
//! when the payload of an acknowledgement is not a list (`docs/upstream.md`, *Contracts*; tests: `limits.rs`,
//! `shutdown.rs`).

use std::sync::Arc;

use serde::Serialize;

use super::{RawSocket, extract::ack_sender};

/// Payload that is not a list, which Socket.IO's [parser](https://github.com/socketio/socket.io-parser) rejects.
#[derive(Serialize)]
pub(crate) struct Unreadable(&'static str);

impl Unreadable {
    pub(crate) const TEXT: Self = Self("connect again");
    pub(crate) const EVENT: &str = "reconnect";
}

/// Makes a client close its connection and reconnect, whether or not it has joined the namespace.
pub(crate) fn end_connection(socket: &Arc<RawSocket>) {
    // An acknowledgement may be sent before the client is connected; an event may not.
    if let Err(error) = ack_sender(socket, 0).send(&Unreadable::TEXT) {
        tracing::debug!(socket = %socket.id, %error, "failed to close a connection");
    }
}
