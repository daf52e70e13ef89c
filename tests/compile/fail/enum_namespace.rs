use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat")]
pub enum Chat {
    One,
}

fn main() {}
