use sio_types::prelude::*;

#[events]
pub trait Events {
    fn message<T>(text: T);
}

fn main() {}
