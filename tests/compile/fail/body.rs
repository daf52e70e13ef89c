use sio_types::prelude::*;

#[events]
pub trait Events {
    fn message(text: String) {}
}

fn main() {}
