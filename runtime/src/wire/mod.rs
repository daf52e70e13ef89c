//! How payloads travel: what Socket.IO's parsers do to serde's data model, put right.
//!
//! The parsers of socketioxide decide from a payload's outermost shape how it is spread over the event's
//! arguments, and lose sight of binary data behind an `Option`, a newtype or an enum. Everything that leaves goes
//! through [`Outgoing`], everything that arrives through [`Message`], so that a payload type never has to know
//! which parser runs.

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

/// The largest integer that a JavaScript number holds exactly,
/// [`Number.MAX_SAFE_INTEGER`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Number/MAX_SAFE_INTEGER).
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// How deep values may nest, as in serde_json.
const MAX_DEPTH: usize = 128;
