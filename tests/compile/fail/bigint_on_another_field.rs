use sio_types::prelude::*;

#[payload]
pub struct Large {
    #[payload(bigint = "string")]
    pub text: String,
}

fn main() {}
