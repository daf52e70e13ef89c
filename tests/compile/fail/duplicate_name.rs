use sio_types::prelude::*;

#[events]
pub trait Events {
    fn message(text: String);
    #[event("message")]
    fn post(text: String);
}

fn main() {}
