use sio_types::prelude::*;

use super::{Credentials, SignInError, SocketData, Timestamp, User, UserId, chat::RoomSummary};

/// What goes on at the moment.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    pub servers: Vec<ServerStatus>,
    pub online: Vec<User>,
    pub banned: Vec<User>,
    pub rooms: Vec<RoomSummary>,
    /// Those that the servers keep.
    pub messages: u32,
}

/// How one server is.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    pub name: String,
    pub connections: u32,
    pub uptime_seconds: u32,
}

/// Something that administrators should know.
#[payload]
#[derive(Clone, Debug)]
pub struct Alert {
    pub at: Timestamp,
    pub what: Happening,
}

/// What an alert is about.
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

/// An announcement without text is none.
#[payload]
pub struct EmptyAnnouncement;

/// Why nobody was banned.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum BanError {
    /// There is nobody of this name.
    UnknownPerson,
    /// Administrators do not ban each other, or themselves.
    Administrator,
}

/// What the server tells administrators.
#[events]
pub trait ServerToClient {
    /// The statistics, every second.
    fn statistics(statistics: Statistics);
    /// Something has happened.
    fn alert(alert: Alert);
}

/// What administrators ask of the server.
#[events]
pub trait ClientToServer {
    /// The statistics, now.
    fn statistics() -> Statistics;
    /// Notifies everybody, and answers how many people that is.
    fn announce(text: String) -> Result<u32, EmptyAnnouncement>;
    /// Disconnects a person from every server, and lets them in no more.
    fn ban(person: UserId) -> Result<(), BanError>;
    /// Lets a person in again.
    fn unban(person: UserId) -> Result<(), BanError>;
}

/// For administrators only.
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
