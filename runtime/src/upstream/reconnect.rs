//! How the connection of a client is ended from here: socketioxide offers to end a client's stay in a namespace, after
//! which clients do not come back by themselves, and nothing more.

use std::sync::Arc;

use serde::Serialize;

use super::{RawSocket, extract::ack_sender};

/// The payload of a packet that no client can read, for it is no list. Socket.IO's clients close their connection over
/// [one of that kind](https://github.com/socketio/socket.io-parser), and connect again.
#[derive(Serialize)]
pub(crate) struct Unreadable(&'static str);

impl Unreadable {
    pub(crate) const TEXT: Self = Self("connect again");
    pub(crate) const EVENT: &str = "reconnect";
}

/// Makes a client close its connection and connect again, whether it is in the namespace already or not.
pub(crate) fn end_connection(socket: &Arc<RawSocket>) {
    // An acknowledgement may be sent before the client is connected; an event may not.
    if let Err(error) = ack_sender(socket, 0).send(&Unreadable::TEXT) {
        tracing::debug!(socket = %socket.id, %error, "a connection could not be ended");
    }
}
