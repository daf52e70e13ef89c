use sio_types::prelude::*;

#[events]
pub trait Events: Clone {
    fn message(text: String);
}

fn main() {}
