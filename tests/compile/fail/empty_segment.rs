use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat//room")]
pub struct Chat;

fn main() {}
