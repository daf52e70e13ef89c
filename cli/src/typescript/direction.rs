//! Direction of payloads.

/// The direction of a payload, as seen from Rust.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Direction {
    Sent,
    Accepted,
}
