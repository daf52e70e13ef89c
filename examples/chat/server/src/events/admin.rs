use sio_types::prelude::*;

use super::{Credentials, SignInError, SocketData, User, chat::RoomSummary};

/// What goes on at the moment.
#[payload]
#[derive(Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    pub online: Vec<User>,
    pub rooms: Vec<RoomSummary>,
    /// Since the server was started.
    pub messages_posted: u32,
    pub uptime_seconds: u32,
}

/// An alert without text is none.
#[payload]
pub struct EmptyAlert;

/// What the server tells administrators.
#[events]
pub trait ServerToClient {
    /// The statistics, every second.
    fn statistics(statistics: Statistics);
}

/// What administrators ask of the server.
#[events]
pub trait ClientToServer {
    /// The statistics, now.
    fn statistics() -> Statistics;
    /// Notifies everybody, and answers how many people that is.
    fn alert(text: String) -> Result<u32, EmptyAlert>;
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
