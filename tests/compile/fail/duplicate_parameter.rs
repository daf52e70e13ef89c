use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/{name}/{name}")]
pub struct Tenant {
    pub name: String,
}

fn main() {}
