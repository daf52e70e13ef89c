use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat", server_to_clients = X)]
pub struct Chat;

fn main() {}
