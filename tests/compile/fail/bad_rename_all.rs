use sio_types::prelude::*;

#[events(rename_all = "camel_case")]
pub trait Events {
    fn message(text: String);
}

fn main() {}
