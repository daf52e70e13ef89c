//! Events for the tests of the output of `gen-ts --react --node`.
#![allow(missing_docs, reason = "nobody but the tests reads it")]

use sio_types::prelude::*;

/// A member of a room.
#[payload]
pub struct Member {
    pub id: u32,
    pub name: String,
}

/// State of a room that a client has joined.
#[payload]
pub struct Joined {
    pub members: Vec<Member>,
}

/// Reason why a room was not joined.
#[payload]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum JoinError {
    Full { most: u32 },
    Closed,
}

/// Credentials of a client.
#[payload]
pub struct Credentials {
    pub token: String,
}

/// Reason why the server rejected a connection.
#[payload]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum Refusal {
    Expired { at: u32 },
    Unknown,
}

#[payload]
#[derive(Clone)]
pub struct SocketData {
    pub name: String,
}

/// A namespace with all features.
pub mod lobby {
    use super::*;

    #[events]
    pub trait ServerToClient {
        fn greeting(text: String);
        fn tick(number: u32, last: bool);
        fn entered(room: String, member: Member);
        fn left(room: String, member: Member);
        fn confirm(question: String) -> bool;
    }

    #[events]
    pub trait ClientToServer {
        fn echo(text: String) -> String;
        fn add(first: f64, second: Option<f64>) -> f64;
        fn join(room: String) -> Result<Joined, JoinError>;
        fn leave(room: String);
        fn note(text: String);
        fn done() -> ();
        fn picture(data: Binary) -> u32;
    }

    #[events]
    pub trait InterServer {
        fn moved(member: Member);
        fn count() -> u32;
    }

    #[derive(Events)]
    #[events(
        namespace = "/lobby",
        server_to_client = ServerToClient,
        client_to_server = ClientToServer,
        inter_server = InterServer,
        socket_data = SocketData,
        auth = Credentials,
        connect_error = Refusal,
    )]
    pub struct Lobby;
}

/// An open namespace, and a dynamic one with a child for each team.
pub mod team {
    use super::*;

    #[events]
    pub trait ServerToClient {
        fn greeting(text: String);
    }

    #[events]
    pub trait ClientToServer {
        fn echo(text: String) -> String;
    }

    #[derive(Events)]
    #[events(namespace = "/open", server_to_client = ServerToClient, client_to_server = ClientToServer)]
    pub struct Open;

    #[derive(Events)]
    #[events(namespace = "/team/{name}", server_to_client = ServerToClient, client_to_server = ClientToServer)]
    pub struct Team {
        pub name: String,
    }
}
