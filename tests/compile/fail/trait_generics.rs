use sio_types::prelude::*;

#[events]
pub trait Events<T> {
    fn message(text: String);
}

fn main() {}
