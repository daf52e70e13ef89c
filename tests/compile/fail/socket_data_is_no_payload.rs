use sio_types::prelude::*;

#[derive(Events)]
#[events(namespace = "/chat", socket_data = Plain)]
pub struct Chat;

pub struct Plain;

fn main() {}
