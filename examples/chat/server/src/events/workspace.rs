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

/// One of a workspace's boards.
#[payload]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Board {
    Ideas,
    Doing,
    Done,
}

/// What somebody who looks at a board finds there.
#[payload]
pub struct BoardOpened {
    pub notes: Vec<Note>,
    pub watchers: Vec<User>,
}

/// A note without text is none.
#[payload]
pub struct EmptyNote;

/// What the server tells everybody in a workspace.
#[events]
pub trait ServerToClient {
    /// There is a new note on a board that the client looks at.
    #[event("note:added")]
    fn added(note: Note);
    /// Those who look at a board are others now.
    fn watchers(board: Board, people: Vec<User>);
}

/// What clients ask of a workspace.
#[events]
pub trait ClientToServer {
    /// Looks at a board, which is a room of the workspace: its notes, oldest first, and who else looks at it.
    #[event("board:open")]
    fn open(board: Board) -> BoardOpened;
    /// Looks at it no longer.
    #[event("board:close")]
    fn close(board: Board);
    /// Adds a note to a board, and answers with it.
    #[event("note:add")]
    fn add(board: Board, text: String) -> Result<Note, EmptyNote>;
}

/// The workspace of one tenant, which others see nothing of.
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
