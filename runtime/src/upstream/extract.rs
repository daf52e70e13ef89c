//! socketioxide's extractors, used outside of its handlers.

use socketioxide_core::Value;

/// The extractors of socketioxide want a message even where they do not look at it.
pub(crate) fn no_value() -> Value {
    Value::Bytes(bytes::Bytes::new())
}
