//! How payloads travel: what Socket.IO's parsers do to serde's data model, put right.
//!
//! The parsers of socketioxide decide from a payload's outermost shape how it is spread over the event's
//! arguments, and lose sight of binary data behind an `Option`, a newtype or an enum. Everything that leaves goes
//! through [`Outgoing`], everything that arrives through [`Message`], so that a payload type never has to know
//! which parser runs.

mod arguments;
mod de;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod javascript;
mod message;
mod raw;
mod ser;
#[cfg(test)]
mod tests;
mod text;

pub use arguments::{Arguments, FromArguments, arg};
pub use message::{DecodeError, Message};

#[cfg(feature = "testing")]
pub(crate) use arguments::{All, Argument};
pub(crate) use arguments::{One, Outgoing, absent};
pub(crate) use message::{RawArguments, decode_auth};
pub(crate) use raw::Raw;
#[cfg(feature = "testing")]
pub(crate) use ser::Wire;
pub(crate) use text::Text;

/// The largest integer that a JavaScript number holds exactly,
/// [`Number.MAX_SAFE_INTEGER`](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Number/MAX_SAFE_INTEGER).
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// How deep values may nest, as in serde_json.
const MAX_DEPTH: usize = 128;
