use sio_types::prelude::*;
use uuid::Uuid;

use super::{Credentials, SignInError, SocketData, Timestamp, User, cluster::InterServer};

/// The name of a room.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoomId(pub String);

/// One message in a room.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// As its author has chosen it: what is posted twice is there once.
    pub id: Uuid,
    pub room: RoomId,
    pub author: User,
    pub text: String,
    /// `true` if there is an image to be asked for.
    pub has_image: bool,
    pub sent_at: Timestamp,
}

/// What is to be posted.
#[payload]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    pub id: Uuid,
    pub text: String,
    pub image: Option<Binary>,
}

/// A room in the list of rooms.
#[payload]
#[derive(Clone, Debug)]
pub struct RoomSummary {
    pub room: RoomId,
    pub members: u32,
}

/// What somebody who has joined a room finds there.
#[payload]
pub struct RoomJoined {
    pub members: Vec<User>,
    /// The latest messages, oldest first.
    pub history: Vec<ChatMessage>,
}

/// Why a room was not joined.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum JoinError {
    /// Names are lower-case letters, digits and hyphens.
    InvalidName { longest: u32 },
    /// The server has reached this maximum number of rooms.
    TooManyRooms { most: u32 },
}

/// Why a message was not posted.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum PostError {
    /// Only members of a room may post in it.
    NotInRoom,
    /// The message is empty.
    Empty,
    /// A message may have at most this many characters.
    TooLong { longest: u32 },
    /// An image may have at most this many bytes.
    ImageTooLarge { most: u32 },
    /// The image is not a PNG, JPEG, WebP or GIF.
    NotAnImage,
    /// Another person has posted a message with this id.
    IdTaken,
}

/// The message has no image, or it is not kept any more, or not for this person.
#[payload]
pub struct NoImage;

/// What the server tells everybody in the chat.
#[events]
pub trait ServerToClient {
    /// A message was posted in a room that the client has joined.
    fn message(message: ChatMessage);
    /// Somebody came into a room that the client has joined.
    #[event("room:entered")]
    fn entered(room: RoomId, member: User);
    /// Somebody is gone from a room that the client has joined.
    #[event("room:left")]
    fn left(room: RoomId, member: User);
    /// The number of a room's members has changed; sent for all rooms.
    #[event("room:update")]
    fn room_update(update: RoomSummary);
    /// A server is gone with all its clients: who wants to know the members of a room joins it again.
    #[event("room:stale")]
    fn stale();
    /// Somebody writes, or no longer does.
    fn typing(room: RoomId, member: User, is_typing: bool);
}

/// What clients ask of the chat.
#[events]
pub trait ClientToServer {
    /// Who the client is signed in as.
    fn me() -> User;
    /// The rooms that there are.
    #[event("room:list")]
    fn list() -> Vec<RoomSummary>;
    /// Enters a room, which is made if there is none of that name.
    #[event("room:join")]
    fn join(room: RoomId) -> Result<RoomJoined, JoinError>;
    /// Leaves a room.
    #[event("room:leave")]
    fn leave(room: RoomId);
    /// Posts a message, and answers with it.
    fn post(room: RoomId, draft: Draft) -> Result<ChatMessage, PostError>;
    /// The image of a message.
    fn image(message: Uuid) -> Result<Binary, NoImage>;
    /// Tells the room that the client writes, or no longer does.
    fn typing(room: RoomId, is_typing: bool);
}

/// The chat: rooms and what is said in them.
#[derive(Events)]
#[events(
    namespace = "/chat",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    inter_server = InterServer,
    socket_data = SocketData,
    auth = Credentials,
    connect_error = SignInError,
)]
pub struct Chat;
