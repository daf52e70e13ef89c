//! The boards of each tenant, and the people who watch them.

use sio_types::prelude::*;
use uuid::Uuid;

use crate::{
    app::App,
    events::{
        Credentials, SignInError, SocketData, User,
        cluster::Change,
        workspace::{Board, BoardOpened, ClientToServer, EmptyNote, Note, Workspace},
    },
    log_failure,
};

/// Returns the room of a board. It belongs to the tenant's namespace, so no other tenant shares it.
const fn room(board: Board) -> &'static str {
    match board {
        Board::Ideas => "ideas",
        Board::Doing => "doing",
        Board::Done => "done",
    }
}

const BOARDS: [Board; 3] = [Board::Ideas, Board::Doing, Board::Done];

impl ClientToServer<Socket<Workspace>> for App {
    async fn open(&self, socket: Socket<Workspace>, board: Board) -> BoardOpened {
        socket.join(room(board));
        let watchers = self.tell_watchers(socket.namespace(), board).await;
        BoardOpened {
            notes: self.store.notes(&socket.namespace().tenant, board),
            watchers,
        }
    }

    async fn close(&self, socket: Socket<Workspace>, board: Board) {
        socket.leave(room(board));
        self.tell_watchers(socket.namespace(), board).await;
    }

    async fn add(
        &self,
        socket: Socket<Workspace>,
        board: Board,
        text: String,
    ) -> Result<Note, EmptyNote> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmptyNote);
        }
        let note = Note {
            id: Uuid::new_v4(),
            board,
            author: socket.data().user.clone(),
            text: text.to_owned(),
        };
        self.commit(Change::NoteAdded {
            tenant: socket.namespace().tenant.clone(),
            note: note.clone(),
        })
        .await;
        log_failure(socket.to(room(board)).emit().added(&note).await);
        Ok(note)
    }
}

impl Lifecycle<Workspace> for App {
    async fn authenticate(
        &self,
        handshake: &Handshake<Workspace>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        let tenant = &handshake.namespace().tenant;
        self.sign_in_tenant(&credentials, tenant).await
    }

    async fn disconnected(&self, socket: Socket<Workspace>, _: DisconnectReason) {
        let rooms = socket.rooms();
        for board in BOARDS {
            if rooms.iter().any(|joined| joined == room(board)) {
                self.tell_watchers(socket.namespace(), board).await;
            }
        }
    }
}

impl App {
    /// Sends the list of watchers to everybody who watches a board.
    async fn tell_watchers(&self, workspace: &Workspace, board: Board) -> Vec<User> {
        let watching = self.io.of(workspace.clone()).room(room(board));
        let sockets = match watching.clone().fetch_sockets().await {
            Ok(sockets) => sockets,
            Err(error) => {
                tracing::warn!(%error, "nobody knows who looks at a board");
                return Vec::new();
            }
        };
        let mut people: Vec<_> = sockets.iter().map(|it| it.data().user.clone()).collect();
        people.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        people.dedup_by(|a, b| a.id == b.id);
        log_failure(watching.emit().watchers(board, &people).await);
        people
    }
}
