use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/{name}")]
pub struct Chat<T> {
    pub name: T,
}

fn main() {}
