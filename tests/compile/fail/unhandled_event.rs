use sio_types::prelude::*;

#[events]
pub trait ToClient {
    fn message(text: String);
}

#[events]
pub trait ToServer {
    fn post(text: String);
    fn join(room: String) -> bool;
}

#[derive(Events)]
#[events(namespace = "/chat", server_to_client = ToClient, client_to_server = ToServer)]
pub struct Chat;

pub struct Server;

impl ToServer<Socket<Chat>> for Server {
    async fn post(&self, _: Socket<Chat>, _: String) {}
}

fn main() {}
