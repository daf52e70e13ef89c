use sio_types::prelude::*;

#[events]
pub trait Events {
    const NAME: &'static str;
}

fn main() {}
