use sio_types::prelude::*;
use uuid::Uuid;

use super::{Credentials, SignInError, SocketData, User};

/// A note on a workspace's board.
#[payload]
#[derive(Clone, Debug)]
pub struct Note {
    pub id: Uuid,
    pub board: Board,
    pub author: User,
    pub text: String,
}

/// A board of a workspace.
#[payload]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Board {
    Ideas,
    Doing,
    Done,
}

/// State of a board that the client has opened.
#[payload]
pub struct BoardOpened {
    pub notes: Vec<Note>,
    pub watchers: Vec<User>,
}

/// The note has no text.
#[payload]
pub struct EmptyNote;

/// Events from the server to all clients of a workspace.
#[events]
pub trait ServerToClient {
    /// A note was added to a board that the client has opened.
    #[event("note:added")]
    fn added(note: Note);
    /// The people who watch a board have changed.
    fn watchers(board: Board, people: Vec<User>);
}

/// Events from clients to a workspace.
#[events]
pub trait ClientToServer {
    /// Opens a board, which is a room of the workspace. Returns its notes, oldest first, and the people who watch it.
    #[event("board:open")]
    fn open(board: Board) -> BoardOpened;
    /// Closes a board.
    #[event("board:close")]
    fn close(board: Board);
    /// Adds a note to a board, and returns it.
    #[event("note:add")]
    fn add(board: Board, text: String) -> Result<Note, EmptyNote>;
}

/// The workspace of one tenant, isolated from those of other tenants.
#[derive(Clone, Events)]
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
