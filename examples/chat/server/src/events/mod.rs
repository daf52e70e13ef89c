//! Everything that the server and its clients tell each other, one module for each namespace, and what servers tell
//! each other.

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
    /// This is none of our tokens.
    UnknownToken,
    /// The token was good once: there is a new one to be had.
    ExpiredToken,
    /// An administrator has banned this person.
    Banned,
    /// The namespace is for administrators, and this is somebody else.
    AdministratorsOnly { role: Role },
    /// There is no such workspace, or it is not for this person: which of the two is nobody else's business.
    NoSuchWorkspace { tenant: String },
}

/// Milliseconds since 1970.
pub type Timestamp = u64;
