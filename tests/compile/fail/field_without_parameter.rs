use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/tenant")]
pub struct Tenant {
    pub name: String,
}

fn main() {}
