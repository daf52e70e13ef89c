//! Events between the servers and their clients, and between servers.

use sio_types::prelude::*;

/// A message in the room that all users share.
#[payload]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) author: String,
    pub(crate) text: String,
    /// The server that its author is connected to.
    pub(crate) via: String,
}

/// A user who is connected to any of the servers.
#[payload]
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    /// The server that the user is connected to.
    pub(crate) via: String,
}

/// Credentials of a client.
#[payload]
pub(crate) struct Login {
    pub(crate) name: String,
}

/// Load of a server.
#[payload]
pub(crate) struct Load {
    pub(crate) server: String,
    pub(crate) clients: u32,
}

/// Events from the servers to their clients.
#[events]
pub(crate) trait ServerToClient {
    /// A user posted a message.
    fn message(message: Message);
    /// All users who are connected now.
    fn present(users: Vec<User>);
    /// The client is about to be disconnected.
    fn banned(reason: String);
}

/// Events from clients to their server.
#[events]
pub(crate) trait ClientToServer {
    /// Posts a message.
    fn say(text: String);
    /// Bans a user, and disconnects them on every server.
    fn ban(name: String) -> Result<(), String>;
    /// Returns the load of every server.
    fn loads() -> Result<Vec<Load>, String>;
}

/// Events between the servers.
#[events]
pub(crate) trait InterServer {
    /// A user was banned. Each server disconnects the user's clients.
    fn user_banned(name: String);
    /// Returns the load of the server.
    fn load() -> Load;
}

/// The only namespace of the application.
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
