//! Rooms, who is in them, and what they say.

use std::sync::Arc;

use sio_types::prelude::*;
use uuid::Uuid;

use crate::{
    directory,
    events::{
        Credentials, SignInError, SocketData, User,
        chat::{
            Chat, ChatMessage, ClientToServer, JoinError, PostError, RoomId, RoomJoined,
            RoomSummary,
        },
        notifications::Cause,
    },
    log_failure,
    notifications::Inbox,
    now,
    rooms::Rooms,
};

const LONGEST_MESSAGE: usize = 2_000;

pub(crate) struct ChatServer {
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) inbox: Arc<Inbox>,
}

impl ClientToServer<Socket<Chat>> for ChatServer {
    async fn me(&self, socket: Socket<Chat>) -> User {
        socket.data().user.clone()
    }

    async fn list(&self, socket: Socket<Chat>) -> Vec<RoomSummary> {
        let io = socket.io();
        self.rooms
            .ids()
            .into_iter()
            .map(|room| summary(&io, room))
            .collect()
    }

    async fn join(&self, socket: Socket<Chat>, room: RoomId) -> Result<RoomJoined, JoinError> {
        self.rooms.open(&room)?;
        let is_new = !is_member(&socket, &room) && !is_here_elsewhere(&socket, &room);
        socket.join(room.0.clone());
        if is_new {
            let entered = socket.to(room.0.clone()).emit();
            log_failure(entered.entered(&room, &socket.data().user).await);
            announce(&socket.io(), room.clone()).await;
        }
        Ok(RoomJoined {
            members: members(&socket.io(), &room),
            history: self.rooms.history(&room),
        })
    }

    async fn leave(&self, socket: Socket<Chat>, room: RoomId) {
        if is_member(&socket, &room) {
            leave(&socket, room).await;
        }
    }

    async fn post(
        &self,
        socket: Socket<Chat>,
        room: RoomId,
        text: String,
    ) -> Result<ChatMessage, PostError> {
        let text = checked(&socket, &room, &text)?;
        let message = ChatMessage {
            id: Uuid::new_v4(),
            room: room.clone(),
            author: socket.data().user.clone(),
            text: text.to_owned(),
            sent_at: now(),
        };
        self.rooms.remember(&message);
        log_failure(socket.to(room.0).emit().message(&message).await);
        self.notify_mentioned(&socket.io(), &message).await;
        Ok(message)
    }

    async fn typing(&self, socket: Socket<Chat>, room: RoomId, is_typing: bool) {
        if is_member(&socket, &room) {
            let others = socket.to(room.0.clone()).emit();
            log_failure(others.typing(&room, &socket.data().user, is_typing).await);
        }
    }
}

impl Lifecycle<Chat> for ChatServer {
    async fn authenticate(
        &self,
        _: &Handshake<Chat>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        directory::sign_in(&credentials)
    }

    async fn disconnected(&self, socket: Socket<Chat>, _: DisconnectReason) {
        for room in socket.rooms() {
            leave(&socket, RoomId(room.into_owned())).await;
        }
    }
}

impl ChatServer {
    async fn notify_mentioned(&self, io: &SocketIo, message: &ChatMessage) {
        let text = message.text.to_lowercase();
        for user in directory::users() {
            let is_mentioned = text.contains(&format!("@{}", user.name.to_lowercase()));
            if is_mentioned && user.id != message.author.id {
                let cause = Cause::Mention {
                    room: message.room.clone(),
                    by: message.author.clone(),
                };
                self.inbox.push(io, &user.id, cause, &message.text).await;
            }
        }
    }
}

/// The text as it is posted.
fn checked<'t>(socket: &Socket<Chat>, room: &RoomId, text: &'t str) -> Result<&'t str, PostError> {
    if !is_member(socket, room) {
        return Err(PostError::NotInRoom);
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(PostError::Empty);
    }
    if text.chars().count() > LONGEST_MESSAGE {
        let longest = LONGEST_MESSAGE as u32;
        return Err(PostError::TooLong { longest });
    }
    Ok(text)
}

/// Takes a socket out of a room, and tells those who stay unless the person is there from elsewhere too.
async fn leave(socket: &Socket<Chat>, room: RoomId) {
    socket.leave(room.0.clone());
    if is_here_elsewhere(socket, &room) {
        return;
    }
    let others = socket.to(room.0.clone()).emit();
    log_failure(others.left(&room, &socket.data().user).await);
    announce(&socket.io(), room).await;
}

/// Tells everybody how many members a room has.
async fn announce(io: &SocketIo, room: RoomId) {
    let update = summary(io, room);
    log_failure(io.of(Chat).emit().room_update(&update).await);
}

fn is_member(socket: &Socket<Chat>, room: &RoomId) -> bool {
    socket.rooms().iter().any(|joined| *joined == room.0)
}

/// Whether the same person is in the room with another socket.
fn is_here_elsewhere(socket: &Socket<Chat>, room: &RoomId) -> bool {
    let others = socket.to(room.0.clone()).sockets();
    let user = &socket.data().user;
    others.iter().any(|other| other.data().user.id == user.id)
}

pub(crate) fn summary(io: &SocketIo, room: RoomId) -> RoomSummary {
    let members = members(io, &room).len() as u32;
    RoomSummary { room, members }
}

/// The people in a room, each once, by name.
fn members(io: &SocketIo, room: &RoomId) -> Vec<User> {
    people(io.of(Chat).within(room.0.clone()).sockets())
}

/// The people behind sockets, each once, by name.
pub(crate) fn people(sockets: Vec<Socket<Chat>>) -> Vec<User> {
    let mut people: Vec<_> = sockets
        .iter()
        .map(|socket| socket.data().user.clone())
        .collect();
    people.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    people.dedup_by(|a, b| a.id == b.id);
    people
}
