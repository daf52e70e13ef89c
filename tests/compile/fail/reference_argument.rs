use sio_types::prelude::*;

#[events]
pub trait Events {
    fn message(text: &str);
}

fn main() {}
