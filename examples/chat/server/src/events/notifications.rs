use sio_types::prelude::*;
use uuid::Uuid;

use super::{Credentials, SignInError, SocketData, Timestamp, User, chat::RoomId};

/// Something that one person should know.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub id: Uuid,
    pub cause: Cause,
    pub text: String,
    pub sent_at: Timestamp,
    pub read: bool,
}

/// What a notification is about.
#[payload]
#[derive(Clone, Debug)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Cause {
    /// A message mentioned this person.
    Mention { room: RoomId, by: User },
    /// An administrator sent an announcement to everybody.
    Announcement { by: User },
}

/// There is no such notification.
#[payload]
pub struct UnknownNotification {
    pub id: Uuid,
}

/// What the server tells one person, on every device.
#[events]
pub trait ServerToClient {
    /// There is something new.
    fn notification(notification: Notification);
    /// These were read, here or on another device.
    fn read(ids: Vec<Uuid>);
}

/// What clients ask about their notifications.
#[events]
pub trait ClientToServer {
    /// The newest first; all of them, or only those that were not read.
    fn list(unread_only: Option<bool>) -> Vec<Notification>;
    /// Marks one as read.
    fn mark_read(id: Uuid) -> Result<(), UnknownNotification>;
    /// Marks all as read, and answers how many that were.
    fn mark_all_read() -> u32;
}

/// What one person should know.
#[derive(Events)]
#[events(
    namespace = "/notifications",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = SocketData,
    auth = Credentials,
    connect_error = SignInError,
)]
pub struct Notifications;
