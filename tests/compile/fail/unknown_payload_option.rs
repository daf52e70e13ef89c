use sio_types::prelude::*;

#[payload(bigin = "string")]
pub struct Large {
    pub number: u64,
}

fn main() {}
