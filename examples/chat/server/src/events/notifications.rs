use sio_types::prelude::*;
use uuid::Uuid;

use super::{Credentials, SignInError, SocketData, Timestamp, User, chat::RoomId};

/// A notification for one person.
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

/// Cause of a notification.
#[payload]
#[derive(Clone, Debug)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Cause {
    /// A message mentioned this person.
    Mention { room: RoomId, by: User },
    /// An administrator sent an announcement to everybody.
    Announcement { by: User },
}

/// No notification has this id.
#[payload]
pub struct UnknownNotification {
    pub id: Uuid,
}

/// Events from the server to one person, on every device.
#[events]
pub trait ServerToClient {
    /// A new notification.
    fn notification(notification: Notification);
    /// Ids of notifications that were read, on this device or another.
    fn read(ids: Vec<Uuid>);
}

/// Events from clients about their notifications.
#[events]
pub trait ClientToServer {
    /// Returns all notifications or only the unread ones, newest first.
    fn list(unread_only: Option<bool>) -> Vec<Notification>;
    /// Marks a notification as read.
    fn mark_read(id: Uuid) -> Result<(), UnknownNotification>;
    /// Marks all notifications as read, and returns how many were unread.
    fn mark_all_read() -> u32;
}

/// Notifications of one person.
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
