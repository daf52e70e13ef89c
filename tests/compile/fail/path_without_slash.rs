use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "chat")]
pub struct Chat;

fn main() {}
