use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/tenant-{name}")]
pub struct Tenant;

fn main() {}
