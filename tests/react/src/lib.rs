//! Events for the tests of what `gen-ts --react --node` writes.
#![allow(missing_docs, reason = "nobody but the tests reads it")]

use sio_types::prelude::*;

/// Somebody in a room.
#[payload]
pub struct Member {
    pub id: u32,
    pub name: String,
}

/// What somebody who joins a room finds there.
#[payload]
pub struct Joined {
    pub members: Vec<Member>,
}

/// Why a room was not joined.
#[payload]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum JoinError {
    Full { most: u32 },
    Closed,
}

/// What a client signs in with.
#[payload]
pub struct Credentials {
    pub token: String,
}

/// Why nobody is let in.
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

/// A namespace with everything.
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

/// A namespace for everybody, and one for each team.
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
