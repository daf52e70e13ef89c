use sio_types::prelude::*;

#[payload]
pub union Large {
    pub number: u64,
}

fn main() {}
