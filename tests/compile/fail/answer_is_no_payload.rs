use sio_types::prelude::*;

pub struct Plain {
    pub text: String,
}

#[events]
pub trait Events {
    fn message() -> Plain;
}

fn main() {}
