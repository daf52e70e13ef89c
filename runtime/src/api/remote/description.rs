//! Description of a socket, which servers send each other.

use std::fmt::Display;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    cluster::bus::envelope::names,
    contract::namespace::Namespace,
    protocol::Sid,
    session::socket::Socket,
    wire::{arguments::One, message::Message},
};

/// Description of a socket for other servers.
#[derive(Serialize, Deserialize)]
pub(super) struct Description {
    pub(super) id: Sid,
    pub(super) path: String,
    pub(super) rooms: Vec<String>,
    pub(super) uri: String,
    pub(super) headers: Vec<(String, Bytes)>,
    pub(super) data: Bytes,
}

/// Describes a socket for other servers. Returns `None` and logs a warning if the socket's data cannot be encoded.
pub(crate) fn describe<N: Namespace>(socket: &Socket<N>) -> Option<Bytes> {
    let warn = |error: &dyn Display| {
        tracing::warn!(
            namespace = N::PATTERN,
            socket = %socket.id(),
            %error,
            "socket left out of the answer to another server: its data cannot be encoded"
        );
    };
    let data = Message::encode_answer(&One(socket.data()));
    let data = data.inspect_err(|error| warn(error)).ok()?;
    let parts = socket.request_parts();
    let headers = parts.headers.iter();
    let description = Description {
        id: socket.id(),
        path: socket.raw.ns().to_owned(),
        rooms: names(socket.rooms()),
        uri: parts.uri.to_string(),
        headers: headers
            .map(|(name, value)| (name.to_string(), Bytes::copy_from_slice(value.as_bytes())))
            .collect(),
        data,
    };
    let encoded = rmp_serde::to_vec(&description);
    let encoded = encoded.inspect_err(|error| warn(error)).ok()?;
    Some(Bytes::from(encoded))
}
