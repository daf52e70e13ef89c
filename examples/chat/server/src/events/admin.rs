use sio_types::prelude::*;

use super::{Credentials, SignInError, SocketData, Timestamp, User, UserId, chat::RoomSummary};

/// Current statistics of the chat.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    pub servers: Vec<ServerStatus>,
    pub online: Vec<User>,
    pub banned: Vec<User>,
    pub rooms: Vec<RoomSummary>,
    /// Number of messages that the servers keep.
    pub messages: u32,
}

/// Status of one server.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    pub name: String,
    pub connections: u32,
    pub uptime_seconds: u32,
}

/// A notice for administrators.
#[payload]
#[derive(Clone, Debug)]
pub struct Alert {
    pub at: Timestamp,
    pub what: Happening,
}

/// Subject of an alert.
#[payload]
#[derive(Clone, Debug)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Happening {
    Announced {
        by: User,
        text: String,
    },
    Banned {
        person: User,
        by: User,
    },
    Unbanned {
        person: User,
        by: User,
    },
    /// A banned person tried to connect.
    TurnedAway {
        person: User,
    },
    ServerLost {
        remaining: u32,
    },
}

/// The announcement has no text.
#[payload]
pub struct EmptyAnnouncement;

/// Reason why a person was not banned or unbanned.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum BanError {
    /// No person has this id.
    UnknownPerson,
    /// Administrators cannot ban each other or themselves.
    Administrator,
}

/// Events from the server to administrators.
#[events]
pub trait ServerToClient {
    /// The current statistics, sent every second.
    fn statistics(statistics: Statistics);
    /// A new alert.
    fn alert(alert: Alert);
}

/// Events from administrators to the server.
#[events]
pub trait ClientToServer {
    /// Returns the current statistics.
    fn statistics() -> Statistics;
    /// Notifies everybody, and returns the number of people.
    fn announce(text: String) -> Result<u32, EmptyAnnouncement>;
    /// Disconnects a person from every server, and rejects their new connections.
    fn ban(person: UserId) -> Result<(), BanError>;
    /// Accepts connections of a banned person again.
    fn unban(person: UserId) -> Result<(), BanError>;
}

/// Statistics, alerts and bans, for administrators only.
#[derive(Events)]
#[events(
    namespace = "/admin",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    socket_data = SocketData,
    auth = Credentials,
    connect_error = SignInError,
)]
pub struct Admin;
