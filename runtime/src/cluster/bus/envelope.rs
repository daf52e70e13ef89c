//! What servers tell each other beside what the adapter does.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    cluster::{event::Outcome, question::Question},
    contract::{error::EmitError, server_id::ServerId},
    protocol::{Room, RoomParam, Sid},
    upstream::BroadcastOptions,
    wire::{arguments::Arguments, raw::Raw},
};

/// The version of the format; an envelope of another one is left alone.
pub(crate) const VERSION: u8 = 1;

/// A message on the bus.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) version: u8,
    pub(crate) from: ServerId,
    /// `true` if the sender is a server, which others wait for.
    pub(crate) is_server: bool,
    pub(crate) body: Body,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Body {
    /// Somebody has come; the servers answer that they are there.
    Hello,
    /// A server is still there.
    Alive,
    /// A server goes.
    Bye,
    /// An inter-server event, with the number of the request if it has an acknowledgement.
    Event {
        namespace: String,
        request: Option<u64>,
        message: Bytes,
    },
    /// Who is connected?
    Find {
        namespace: String,
        request: u64,
        selection: Selection,
        count: bool,
    },
    /// An event with an acknowledgement for the sockets of a namespace that the sender does not have.
    Ask { request: u64, question: Question },
    /// Something for the sockets of a namespace that the sender does not have.
    Relay {
        namespace: String,
        selection: Selection,
        action: Action,
    },
    /// The answer to a request.
    Answer { request: u64, outcome: Outcome },
    /// Disconnect sockets, and answer when that is done.
    Disconnect {
        namespace: String,
        request: u64,
        selection: Selection,
        /// Only the socket of this id.
        socket: Option<Sid>,
    },
}

/// What is done to sockets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Action {
    /// They are sent an event, each argument encoded by itself.
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

/// Which of a namespace's sockets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Selection {
    /// In any of these; all sockets where there is none.
    pub(crate) rooms: Vec<String>,
    /// In none of these.
    pub(crate) except: Vec<String>,
}

impl Selection {
    pub(crate) fn of(rooms: impl RoomParam) -> Self {
        Self {
            rooms: names(rooms),
            except: Vec::new(),
        }
    }

    /// The same for an adapter; with `socket`, only the socket of this id.
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
