use sio_types::prelude::*;

#[events]
pub trait Events {
    fn message((text, id): (String, u32));
}

fn main() {}
