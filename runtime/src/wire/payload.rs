//! Types that an event can carry.

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

/// Type that can be sent: `Serialize`, `Deserialize` and `JsonSchema`, which [`#[payload]`](macro@crate::payload)
/// derives. Every type with these three traits implements it, such as `String` and `Vec<u32>`.
///
/// See also the guide to [payloads](crate::guide::events#payloads), and the [type mapping](crate::guide::types).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a payload",
    label = "not a payload",
    note = "add `#[payload]` to its definition; a type of another crate needs `Serialize`, `Deserialize` and `JsonSchema`"
)]
pub trait Payload: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static> Payload for T {}

/// The same type, if it is a [`Payload`]. Associated types are bound through this trait, because rustc explains a
/// direct bound by listing every trait that a payload consists of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a payload",
    label = "not a payload",
    note = "add `#[payload]` to its definition; a type of another crate needs `Serialize`, `Deserialize` and `JsonSchema`"
)]
pub trait IsPayload {
    type Itself: Payload;
}

#[diagnostic::do_not_recommend]
impl<T: Payload> IsPayload for T {
    type Itself = T;
}
