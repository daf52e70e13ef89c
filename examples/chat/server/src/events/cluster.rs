use sio_types::prelude::*;
use uuid::Uuid;

use super::{
    UserId,
    admin::ServerStatus,
    chat::{ChatMessage, RoomId},
    notifications::Notification,
    workspace::Note,
};

/// A change of the state that all servers share.
#[payload]
#[derive(Clone, Debug)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Change {
    RoomOpened {
        room: RoomId,
    },
    Posted {
        message: ChatMessage,
        image: Option<Binary>,
    },
    Notified {
        person: UserId,
        notification: Notification,
    },
    Read {
        person: UserId,
        ids: Vec<Uuid>,
    },
    NoteAdded {
        tenant: String,
        note: Note,
    },
    Banned {
        person: UserId,
    },
    Unbanned {
        person: UserId,
    },
}

/// Events between the servers of the chat.
#[events]
pub trait InterServer {
    /// The shared state has changed.
    fn changed(change: Change);
    /// Returns all changes, for a server that has just started.
    fn history() -> Vec<Change>;
    /// Returns the status of the server.
    fn status() -> ServerStatus;
}
