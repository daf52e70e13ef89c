use sio_types::prelude::*;
use uuid::Uuid;

use super::{Credentials, SignInError, SocketData, Timestamp, User, cluster::InterServer};

/// The name of a room.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoomId(pub String);

/// A message in a room.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// Id chosen by the author's client. A message that is posted twice appears once.
    pub id: Uuid,
    pub room: RoomId,
    pub author: User,
    pub text: String,
    /// `true` if the message has an image, which the client can request.
    pub has_image: bool,
    pub sent_at: Timestamp,
}

/// A message to post.
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

/// State of a room that the client has joined.
#[payload]
pub struct RoomJoined {
    pub members: Vec<User>,
    /// The latest messages, oldest first.
    pub history: Vec<ChatMessage>,
}

/// Reason why a room was not joined.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum JoinError {
    /// Names are lower-case letters, digits and hyphens.
    InvalidName { longest: u32 },
    /// The server has reached this maximum number of rooms.
    TooManyRooms { most: u32 },
}

/// Reason why a message was not posted.
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

/// The message has no image, the image is no longer stored, or this person may not see it.
#[payload]
pub struct NoImage;

/// Events from the server to all clients of the chat.
#[events]
pub trait ServerToClient {
    /// A message was posted in a room that the client has joined.
    fn message(message: ChatMessage);
    /// A person joined a room that the client has joined.
    #[event("room:entered")]
    fn entered(room: RoomId, member: User);
    /// A person left a room that the client has joined.
    #[event("room:left")]
    fn left(room: RoomId, member: User);
    /// The number of a room's members has changed; sent for all rooms.
    #[event("room:update")]
    fn room_update(update: RoomSummary);
    /// A server was lost with all its clients. Join a room again to get its current members.
    #[event("room:stale")]
    fn stale();
    /// A person has started or stopped typing.
    fn typing(room: RoomId, member: User, is_typing: bool);
}

/// Events from clients to the chat.
#[events]
pub trait ClientToServer {
    /// Returns the user that the client is signed in as.
    fn me() -> User;
    /// Returns all rooms.
    #[event("room:list")]
    fn list() -> Vec<RoomSummary>;
    /// Joins a room. Creates the room if it does not exist.
    #[event("room:join")]
    fn join(room: RoomId) -> Result<RoomJoined, JoinError>;
    /// Leaves a room.
    #[event("room:leave")]
    fn leave(room: RoomId);
    /// Posts a message, and returns it.
    fn post(room: RoomId, draft: Draft) -> Result<ChatMessage, PostError>;
    /// Returns the image of a message.
    fn image(message: Uuid) -> Result<Binary, NoImage>;
    /// Notifies the room that the user has started or stopped typing.
    fn typing(room: RoomId, is_typing: bool);
}

/// The chat: rooms and their messages.
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
