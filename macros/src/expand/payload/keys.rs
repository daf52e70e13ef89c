//! The keys of notes in a schema: those of `sio_types_schema::keys`.
//!
//! An attribute of schemars takes literals alone. A macro crate that depended on the other one would be compiled after it and
//! everything below it, so a test compares the two.

pub(super) const TAG: &str = "x-sio-tag";
pub(super) const OPTIONAL: &str = "x-sio-optional";
pub(super) const REQUIRED: &str = "x-sio-required";
pub(super) const UNIT_SENT: &str = "x-sio-unit-sent";
pub(super) const UNIT_ACCEPTED: &str = "x-sio-unit-accepted";

#[cfg(test)]
mod tests {
    use sio_types_schema::keys;

    use super::*;

    #[test]
    fn keys_are_those_of_the_schema_crate() {
        for (own, documented) in [
            (TAG, keys::TAG),
            (OPTIONAL, keys::OPTIONAL),
            (REQUIRED, keys::REQUIRED),
            (UNIT_SENT, keys::UNIT_SENT),
            (UNIT_ACCEPTED, keys::UNIT_ACCEPTED),
        ] {
            assert_eq!(own, documented);
        }
    }
}
