//! Encoding of payloads, on top of Socket.IO's parsers.
//!
//! The parsers of socketioxide decide by a payload's outermost shape how they spread it over the event's arguments.
//! They also lose binary data behind an `Option`, a newtype or an enum. All outgoing data goes through [`Outgoing`],
//! and all incoming data through [`Message`], so that payload types work the same under every parser.

pub(crate) mod acknowledgement;
pub(crate) mod arguments;
pub(crate) mod bigint;
pub(crate) mod binary;
mod de;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod javascript;
pub(crate) mod message;
pub(crate) mod payload;
pub(crate) mod raw;
pub(crate) mod ser;
#[cfg(test)]
mod tests;
pub(crate) mod text;

/// Largest integer that a JavaScript number holds exactly,
/// [`Number.MAX_SAFE_INTEGER`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Number/MAX_SAFE_INTEGER).
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Maximum depth of nested values, as in serde_json.
const MAX_DEPTH: usize = 128;
