use sio_types::prelude::*;

#[events]
pub trait Events {
    async fn message(text: String);
}

fn main() {}
