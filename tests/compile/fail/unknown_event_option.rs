use sio_types::prelude::*;

#[events]
pub trait Events {
    #[event(concurent)]
    fn message(text: String);
}

fn main() {}
