use sio_types::prelude::*;

#[payload(bigint = "number")]
pub struct Large {
    pub number: u64,
}

fn main() {}
