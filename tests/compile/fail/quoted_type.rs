use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat", auth = "Token")]
pub struct Chat;

fn main() {}
