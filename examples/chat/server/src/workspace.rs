//! Each tenant's board of notes.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sio_types::prelude::*;
use uuid::Uuid;

use crate::{
    directory,
    events::{
        Credentials, SignInError, SocketData,
        workspace::{ClientToServer, EmptyNote, Note, Workspace},
    },
    log_failure,
};

/// The notes of every tenant, oldest first.
#[derive(Default)]
pub(crate) struct WorkspaceServer(Mutex<HashMap<String, Vec<Note>>>);

impl ClientToServer<Socket<Workspace>> for WorkspaceServer {
    async fn list(&self, socket: Socket<Workspace>) -> Vec<Note> {
        let tenant = &socket.namespace().tenant;
        self.boards().get(tenant).cloned().unwrap_or_default()
    }

    async fn add(&self, socket: Socket<Workspace>, text: String) -> Result<Note, EmptyNote> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmptyNote);
        }
        let note = Note {
            id: Uuid::new_v4(),
            author: socket.data().user.clone(),
            text: text.to_owned(),
        };
        let tenant = socket.namespace().tenant.clone();
        self.boards().entry(tenant).or_default().push(note.clone());
        log_failure(socket.broadcast().emit().added(&note).await);
        Ok(note)
    }
}

impl Lifecycle<Workspace> for WorkspaceServer {
    async fn authenticate(
        &self,
        handshake: &Handshake<Workspace>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        directory::sign_in_tenant(&credentials, &handshake.namespace().tenant)
    }
}

impl WorkspaceServer {
    fn boards(&self) -> MutexGuard<'_, HashMap<String, Vec<Note>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
