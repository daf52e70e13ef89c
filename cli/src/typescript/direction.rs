//! Direction of payloads.

/// Direction of a payload, from Rust's point of view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Direction {
    Sent,
    Accepted,
}
