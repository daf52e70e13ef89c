use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat", auth = String)]
pub struct Chat;

pub struct Server;

impl Lifecycle<Chat> for Server {}

fn main() {
    let (_, io) = SocketIo::builder().build_layer();
    io.mount::<Chat, _>(Server).unwrap();
}
