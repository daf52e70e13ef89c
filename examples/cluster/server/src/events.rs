//! Events between the servers and their clients, and between servers.

use sio_types::prelude::*;

/// One message in the room that everybody is in.
#[payload]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) author: String,
    pub(crate) text: String,
    /// The server that its author is connected to.
    pub(crate) via: String,
}

/// Somebody who is connected, to whichever server.
#[payload]
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    /// The server.
    pub(crate) via: String,
}

/// How a client signs in.
#[payload]
pub(crate) struct Login {
    pub(crate) name: String,
}

/// How much a server has to do.
#[payload]
pub(crate) struct Load {
    pub(crate) server: String,
    pub(crate) clients: u32,
}

/// What the servers tell their clients.
#[events]
pub(crate) trait ServerToClient {
    /// Somebody posted a message.
    fn message(message: Message);
    /// Who is connected now.
    fn present(users: Vec<User>);
    /// The client is about to be disconnected.
    fn banned(reason: String);
}

/// What clients ask of their server.
#[events]
pub(crate) trait ClientToServer {
    /// Posts a message.
    fn say(text: String);
    /// Disconnects a user on every server, for good.
    fn ban(name: String) -> Result<(), String>;
    /// What every server has to do.
    fn loads() -> Result<Vec<Load>, String>;
}

/// What the servers tell each other.
#[events]
pub(crate) trait InterServer {
    /// A user is banned: whoever has them lets them go.
    fn user_banned(name: String);
    /// How much the server has to do.
    fn load() -> Load;
}

/// The one namespace.
#[derive(Events)]
#[events(
    namespace = "/",
    server_to_client = ServerToClient,
    client_to_server = ClientToServer,
    inter_server = InterServer,
    socket_data = User,
    auth = Login
)]
pub(crate) struct App;
