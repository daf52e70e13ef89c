use sio_types::prelude::*;

#[events(rename_al = "snake_case")]
pub trait Events {
    fn message(text: String);
}

fn main() {}
