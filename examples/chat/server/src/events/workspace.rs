use sio_types::prelude::*;
use uuid::Uuid;

use super::{Credentials, SignInError, SocketData, User};

/// A note on a workspace's board.
#[payload]
#[derive(Clone, Debug)]
pub struct Note {
    pub id: Uuid,
    pub author: User,
    pub text: String,
}

/// A note without text is none.
#[payload]
pub struct EmptyNote;

/// What the server tells everybody in a workspace.
#[events(prefix = "note:")]
pub trait ServerToClient {
    /// There is a new note.
    fn added(note: Note);
}

/// What clients ask of a workspace.
#[events(prefix = "note:")]
pub trait ClientToServer {
    /// All notes, oldest first.
    fn list() -> Vec<Note>;
    /// Adds a note, and answers with it.
    fn add(text: String) -> Result<Note, EmptyNote>;
}

/// The workspace of one tenant, which others see nothing of.
#[derive(Events)]
#[events(
    namespace = "/workspace/{tenant}",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = SocketData,
    auth = Credentials,
    connect_error = SignInError,
)]
pub struct Workspace {
    pub tenant: String,
}
