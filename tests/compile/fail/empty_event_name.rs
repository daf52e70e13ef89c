use sio_types::prelude::*;

#[events]
pub trait Events {
    #[event("")]
    fn message(text: String);
}

fn main() {}
