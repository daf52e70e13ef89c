use sio_types::prelude::*;

#[events]
pub trait Events {
    fn message(&self, text: String);
}

fn main() {}
