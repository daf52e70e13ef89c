use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/{name}")]
pub struct Tenant(pub String);

fn main() {}
