//! The format of the messages on the bus.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    cluster::{event::Outcome, question::Question},
    contract::{error::EmitError, server_id::ServerId},
    protocol::{Room, RoomParam, Sid},
    upstream::BroadcastOptions,
    wire::{arguments::Arguments, raw::Raw},
};

/// Version of the format. Envelopes of another version are ignored.
pub(crate) const VERSION: u8 = 1;

/// A message on the bus.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) version: u8,
    pub(crate) from: ServerId,
    /// `true` if the sender is a server, and `false` for an observer. Other servers wait only for servers.
    pub(crate) is_server: bool,
    pub(crate) body: Body,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Body {
    /// A server or an observer has joined. The servers answer with `Alive`.
    Hello,
    /// The heartbeat of a server.
    Alive,
    /// A server has left.
    Bye,
    /// An inter-server event. It has a request number if it has an acknowledgement.
    Event {
        namespace: String,
        request: Option<u64>,
        message: Bytes,
    },
    /// A query for the connected sockets, or for their number if `count` is set.
    Find {
        namespace: String,
        request: u64,
        selection: Selection,
        count: bool,
    },
    /// An event with an acknowledgement, for sockets of a namespace that the sender has not mounted.
    Ask { request: u64, question: Question },
    /// An action on sockets of a namespace that the sender has not mounted.
    Relay {
        namespace: String,
        selection: Selection,
        action: Action,
    },
    /// The answer to a request.
    Answer { request: u64, outcome: Outcome },
    /// A request to disconnect sockets. The server answers when it has done so.
    Disconnect {
        namespace: String,
        request: u64,
        selection: Selection,
        /// Limits the request to the socket with this id.
        socket: Option<Sid>,
    },
}

/// An operation on sockets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Action {
    /// Emits an event. Each argument is encoded separately.
    Emit {
        event: String,
        arguments: Vec<Bytes>,
        is_volatile: bool,
    },
    Join(Vec<String>),
    Leave(Vec<String>),
}

impl Action {
    pub(crate) fn emit(
        event: &str,
        arguments: &dyn Arguments,
        is_volatile: bool,
    ) -> Result<Self, EmitError> {
        Ok(Self::Emit {
            is_volatile,
            event: event.to_owned(),
            arguments: Raw::encode(arguments)
                .map_err(|error| EmitError::Encode(error.to_string()))?,
        })
    }
}

/// A selection of a namespace's sockets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Selection {
    /// Selects sockets in any of these rooms, or all sockets if the list is empty.
    pub(crate) rooms: Vec<String>,
    /// Excludes sockets in any of these rooms.
    pub(crate) except: Vec<String>,
}

impl Selection {
    pub(crate) fn of(rooms: impl RoomParam) -> Self {
        Self {
            rooms: names(rooms),
            except: Vec::new(),
        }
    }

    /// Converts the selection to an adapter's options. `socket` limits them to the socket with this id.
    pub(crate) fn options(&self, socket: Option<Sid>) -> BroadcastOptions {
        let rooms = |names: &[String]| names.iter().cloned().map(Room::from).collect();
        let mut options = BroadcastOptions::default();
        options.rooms = rooms(&self.rooms);
        options.except = rooms(&self.except);
        options.sid = socket;
        options
    }

    /// `true` if a socket in these rooms is selected.
    pub(crate) fn contains(&self, rooms: &[Room]) -> bool {
        let is_in = |names: &[String]| rooms.iter().any(|room| names.iter().any(|it| it == room));
        (self.rooms.is_empty() || is_in(&self.rooms)) && !is_in(&self.except)
    }
}

pub(crate) fn names(rooms: impl RoomParam) -> Vec<String> {
    rooms.into_room_iter().map(Room::into_owned).collect()
}
