//! The chat namespace: rooms, their members and messages.

use sio_types::{Binary, Broadcast, RemoteSocket, prelude::*};
use uuid::Uuid;

use crate::{
    app::App,
    directory,
    events::{
        Credentials, SignInError, SocketData, User,
        admin::ServerStatus,
        chat::{
            Chat, ChatMessage, ClientToServer, Draft, JoinError, NoImage, PostError, RoomId,
            RoomJoined, RoomSummary,
        },
        cluster::{Change, InterServer},
        notifications::Cause,
    },
    log_failure, now,
};

const ROOM_PREFIX: &str = "room:";
const LONGEST_NAME: usize = 32;
const MOST_ROOMS: usize = 100;
const LONGEST_MESSAGE: usize = 2_000;
const LARGEST_IMAGE: usize = 500_000;

impl ClientToServer<Socket<Chat>> for App {
    async fn me(&self, socket: Socket<Chat>) -> User {
        socket.data().user.clone()
    }

    async fn list(&self, _: Socket<Chat>) -> Vec<RoomSummary> {
        self.room_summaries().await
    }

    async fn join(&self, socket: Socket<Chat>, room: RoomId) -> Result<RoomJoined, JoinError> {
        self.open(&room).await?;
        let was_here = is_member(&socket, &room);
        socket.join(socket_room(&room));
        if !was_here && !self.is_here_elsewhere(&socket, &room).await {
            let entered = socket.to(socket_room(&room)).emit();
            log_failure(entered.entered(&room, &socket.data().user).await);
            self.tell_size(room.clone()).await;
        }
        Ok(RoomJoined {
            members: self.members(&room).await,
            history: self.store.messages(&room),
        })
    }

    async fn leave(&self, socket: Socket<Chat>, room: RoomId) {
        if is_member(&socket, &room) {
            self.leave_room(&socket, room).await;
        }
    }

    async fn post(
        &self,
        socket: Socket<Chat>,
        room: RoomId,
        draft: Draft,
    ) -> Result<ChatMessage, PostError> {
        if !is_member(&socket, &room) {
            return Err(PostError::NotInRoom);
        }
        let author = &socket.data().user;
        if let Some(known) = self.store.message(draft.id) {
            // A client that did not receive the acknowledgement posts the message again.
            let is_ours = known.author == *author && known.room == room;
            return is_ours.then_some(known).ok_or(PostError::IdTaken);
        }
        let text = checked(&draft)?;
        let message = ChatMessage {
            id: draft.id,
            room: room.clone(),
            author: author.clone(),
            text: text.to_owned(),
            has_image: draft.image.is_some(),
            sent_at: now(),
        };
        let posted = Change::Posted {
            message: message.clone(),
            image: draft.image,
        };
        self.commit(posted).await;
        log_failure(socket.to(socket_room(&room)).emit().message(&message).await);
        self.notify_mentioned(&message).await;
        Ok(message)
    }

    async fn image(&self, socket: Socket<Chat>, message: Uuid) -> Result<Binary, NoImage> {
        let room = self.store.message(message).ok_or(NoImage)?.room;
        if !is_member(&socket, &room) {
            return Err(NoImage);
        }
        self.store.image(message).ok_or(NoImage)
    }

    async fn typing(&self, socket: Socket<Chat>, room: RoomId, is_typing: bool) {
        if is_member(&socket, &room) {
            let others = socket.to(socket_room(&room)).volatile().emit();
            log_failure(others.typing(&room, &socket.data().user, is_typing).await);
        }
    }
}

impl Lifecycle<Chat> for App {
    async fn authenticate(
        &self,
        _: &Handshake<Chat>,
        credentials: Credentials,
    ) -> Result<SocketData, ConnectError<SignInError>> {
        self.sign_in(&credentials).await
    }

    async fn disconnected(&self, socket: Socket<Chat>, _: DisconnectReason) {
        for room in socket.rooms() {
            // The room of the socket's own id has no prefix.
            if let Some(name) = room.strip_prefix(ROOM_PREFIX) {
                self.leave_room(&socket, RoomId(name.to_owned())).await;
            }
        }
    }
}

impl InterServer<Peer<Chat>> for App {
    async fn changed(&self, _: Peer<Chat>, change: Change) {
        self.store.apply(&change);
        if let Change::Banned { person } = change {
            self.disconnect(|data| data.user.id == person);
        }
    }

    async fn history(&self, _: Peer<Chat>) -> Vec<Change> {
        self.store.history()
    }

    async fn status(&self, _: Peer<Chat>) -> ServerStatus {
        self.own_status()
    }
}

impl App {
    /// Opens a room unless it exists.
    async fn open(&self, room: &RoomId) -> Result<(), JoinError> {
        // The name is checked before the lookup: a name that reached the store in another way does not become valid by
        // being there.
        if !is_valid(&room.0) {
            let longest = LONGEST_NAME as u32;
            return Err(JoinError::InvalidName { longest });
        }
        let rooms = self.store.rooms();
        if rooms.contains(room) {
            return Ok(());
        }
        if rooms.len() >= MOST_ROOMS {
            let most = MOST_ROOMS as u32;
            return Err(JoinError::TooManyRooms { most });
        }
        let room = room.clone();
        self.commit(Change::RoomOpened { room }).await;
        Ok(())
    }

    /// Removes a socket from a room. Notifies the other members unless the person is in the room with another socket.
    async fn leave_room(&self, socket: &Socket<Chat>, room: RoomId) {
        socket.leave(socket_room(&room));
        if self.is_here_elsewhere(socket, &room).await {
            return;
        }
        let others = socket.to(socket_room(&room)).emit();
        log_failure(others.left(&room, &socket.data().user).await);
        self.tell_size(room).await;
    }

    /// Returns `true` if the same person is in the room with another socket, on any server.
    async fn is_here_elsewhere(&self, socket: &Socket<Chat>, room: &RoomId) -> bool {
        let others = fetched(socket.to(socket_room(room))).await;
        let user = &socket.data().user;
        others.iter().any(|other| other.data().user.id == user.id)
    }

    /// Broadcasts the number of members of a room to all clients.
    async fn tell_size(&self, room: RoomId) {
        let members = self.members(&room).await.len() as u32;
        let update = RoomSummary { room, members };
        log_failure(self.io.of(Chat).emit().room_update(&update).await);
    }

    /// Returns the people in a room, without duplicates, by name.
    async fn members(&self, room: &RoomId) -> Vec<User> {
        people(&fetched(self.io.of(Chat).room(socket_room(room))).await)
    }

    /// Returns everybody who is connected to any server.
    pub(crate) async fn online(&self) -> Vec<User> {
        people(&fetched(self.io.of(Chat)).await)
    }

    pub(crate) async fn room_summaries(&self) -> Vec<RoomSummary> {
        let sockets = fetched(self.io.of(Chat)).await;
        let summary = |room: RoomId| {
            let name = socket_room(&room);
            let here = sockets.iter().filter(|it| it.rooms().contains(&name));
            let members = people(here).len() as u32;
            RoomSummary { room, members }
        };
        self.store.rooms().into_iter().map(summary).collect()
    }

    async fn notify_mentioned(&self, message: &ChatMessage) {
        let text = message.text.to_lowercase();
        for user in directory::people().map(directory::Person::user) {
            let is_mentioned = text.contains(&format!("@{}", user.name.to_lowercase()));
            if is_mentioned && user.id != message.author.id {
                let cause = Cause::Mention {
                    room: message.room.clone(),
                    by: message.author.clone(),
                };
                self.notify(user.id, cause, &message.text).await;
            }
        }
    }
}

/// Returns the text to post, after validation.
fn checked(draft: &Draft) -> Result<&str, PostError> {
    let text = draft.text.trim();
    if text.is_empty() && draft.image.is_none() {
        return Err(PostError::Empty);
    }
    if text.chars().count() > LONGEST_MESSAGE {
        let longest = LONGEST_MESSAGE as u32;
        return Err(PostError::TooLong { longest });
    }
    match &draft.image {
        Some(image) if image.len() > LARGEST_IMAGE => {
            let most = LARGEST_IMAGE as u32;
            Err(PostError::ImageTooLarge { most })
        }
        Some(image) if !is_image(image) => Err(PostError::NotAnImage),
        _ => Ok(text),
    }
}

/// Returns `true` if the bytes have the signature of an image format that every browser supports.
fn is_image(bytes: &[u8]) -> bool {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    let beginnings: [&[u8]; 3] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"];
    is_webp || beginnings.iter().any(|it| bytes.starts_with(it))
}

fn is_valid(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// Returns the Socket.IO room of a chat room.
///
/// Socket ids are rooms, too, and every socket is a member of its own. A name from a client must not reach `to` or
/// `join` without the prefix, which no socket id has.
fn socket_room(room: &RoomId) -> String {
    format!("{ROOM_PREFIX}{}", room.0)
}

fn is_member(socket: &Socket<Chat>, room: &RoomId) -> bool {
    let name = socket_room(room);
    socket.rooms().iter().any(|joined| *joined == name)
}

/// Returns the matching sockets of all servers, or none if the request fails.
async fn fetched(sockets: Broadcast<Chat>) -> Vec<RemoteSocket<Chat>> {
    let fetched = sockets.fetch_sockets().await;
    fetched.unwrap_or_else(|error| {
        tracing::warn!(%error, "nobody knows who is there");
        Vec::new()
    })
}

/// Returns the people behind sockets, without duplicates, by name.
fn people<'s>(sockets: impl IntoIterator<Item = &'s RemoteSocket<Chat>>) -> Vec<User> {
    let sockets = sockets.into_iter();
    let mut people: Vec<_> = sockets.map(|socket| socket.data().user.clone()).collect();
    people.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    people.dedup_by(|a, b| a.id == b.id);
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for name in ["a", "room-7"] {
            assert!(is_valid(name), "{name}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        let a_socket_id = "AAAAAAAAAAAAAAHs";
        for name in ["", "Room", "a b", "room:a", a_socket_id, &long] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn drafts_are_checked() {
        let draft = |text: &str, image: Option<&[u8]>| Draft {
            id: Uuid::nil(),
            text: text.to_owned(),
            image: image.map(|bytes| bytes.to_vec().into()),
        };
        let refused = |draft: Draft| checked(&draft).err();
        assert_eq!(checked(&draft(" a ", None)), Ok("a"));
        assert_eq!(checked(&draft("", Some(b"GIF89a"))), Ok(""));
        assert_eq!(refused(draft(" ", None)), Some(PostError::Empty));
        assert_eq!(
            refused(draft("", Some(b"<svg>"))),
            Some(PostError::NotAnImage)
        );
        let long = "x".repeat(LONGEST_MESSAGE + 1);
        let longest = LONGEST_MESSAGE as u32;
        assert_eq!(
            refused(draft(&long, None)),
            Some(PostError::TooLong { longest })
        );
        let large = vec![0; LARGEST_IMAGE + 1];
        let most = LARGEST_IMAGE as u32;
        assert_eq!(
            refused(draft("", Some(&large))),
            Some(PostError::ImageTooLarge { most })
        );
    }
}
