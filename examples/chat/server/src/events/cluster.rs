use sio_types::prelude::*;
use uuid::Uuid;

use super::{
    UserId,
    admin::ServerStatus,
    chat::{ChatMessage, RoomId},
    notifications::Notification,
    workspace::Note,
};

/// Something that all servers keep.
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

/// What the servers of the chat tell each other.
#[events]
pub trait InterServer {
    /// Something has happened.
    fn changed(change: Change);
    /// Everything that has happened, for a server that has just come.
    fn history() -> Vec<Change>;
    /// How a server is.
    fn status() -> ServerStatus;
}
