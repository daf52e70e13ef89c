//! Events between the server and its clients, with one module per namespace, and events between servers.

pub mod admin;
pub mod chat;
pub mod cluster;
pub mod notifications;
pub mod workspace;

use sio_types::prelude::*;

/// Id of a user.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub String);

/// A user of the chat.
#[payload]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

/// Role of a user, which determines the user's permissions.
#[payload]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Member,
    Administrator,
}

/// Credentials of a client.
#[payload]
pub struct Credentials {
    pub token: String,
}

/// Data that the server stores for every socket.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct SocketData {
    pub user: User,
    /// Expiry of the token that the client connected with, and of the connection.
    pub expires_at: Timestamp,
}

/// Reason why a connection was rejected.
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
