use sio_types::prelude::*;

#[derive(Events)]
pub struct Chat;

fn main() {}
