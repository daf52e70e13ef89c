//! Events between the server and its clients, with one module per namespace, and events between servers.

pub mod admin;
pub mod chat;
pub mod cluster;
pub mod notifications;
pub mod workspace;

use sio_types::prelude::*;

/// Who somebody is.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub String);

/// Somebody who uses the chat.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

/// What somebody may do.
#[payload]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Member,
    Administrator,
}

/// What a client connects with.
#[payload]
pub struct Credentials {
    pub token: String,
}

/// What the server keeps for every socket.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct SocketData {
    pub user: User,
    /// When the token ends that the socket was connected with, and the connection with it.
    pub expires_at: Timestamp,
}

/// Why somebody was not let in.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum SignInError {
    /// The token is invalid.
    UnknownToken,
    /// The token has expired; the client can request a new one.
    ExpiredToken,
    /// An administrator has banned this person.
    Banned,
    /// The namespace is for administrators only.
    AdministratorsOnly { role: Role },
    /// The workspace does not exist, or this person may not use it. The error does not reveal which.
    NoSuchWorkspace { tenant: String },
}

/// Milliseconds since the Unix epoch.
pub type Timestamp = u64;
