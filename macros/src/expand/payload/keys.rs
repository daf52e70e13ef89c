//! Keys of the schema extensions, which are those of `sio_types_schema::keys`.
//!
//! The attributes of schemars accept only literals. A dependency on `sio_types_schema` would delay the compilation of
//! this macro crate until that crate and its dependencies are compiled. A test compares the two lists instead.

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
    fn keys_match_the_schema_crate() {
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
