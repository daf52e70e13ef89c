//! sio-types

fn main() {}
