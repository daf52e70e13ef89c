//! A custom conversion hides the type on the wire.

use sio_types::prelude::*;

mod hex {}

#[payload]
struct Hidden {
    #[serde(with = "hex")]
    both: u32,
    #[serde(serialize_with = "hex::serialize")]
    sent: u32,
    #[serde(deserialize_with = "hex::deserialize")]
    accepted: u32,
    #[payload(wire = "String")]
    plain: u32,
    #[serde(with = "hex")]
    #[payload(wire = "Vec<")]
    broken: u32,
    #[payload(wires = "String")]
    misspelt: u32,
}

#[payload]
enum Variants {
    #[serde(with = "hex")]
    Hidden(u32),
    #[payload(bigint = "string")]
    Large(u64),
}

fn main() {}
