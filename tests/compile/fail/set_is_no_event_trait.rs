use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat", server_to_client = Plain)]
pub struct Chat;

pub trait Plain {}

fn main() {}
