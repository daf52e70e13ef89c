use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/{name}")]
pub struct Chat {
    pub name: Vec<u8>,
}

fn main() {}
