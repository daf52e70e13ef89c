//! What an event can carry.

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

/// What can be sent: `Serialize`, `Deserialize` and `JsonSchema`, which [`#[payload]`](macro@crate::payload) derives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of an event",
    label = "not a payload",
    note = "put `#[payload]` on its definition; a foreign type needs `Serialize`, `Deserialize` and `JsonSchema`"
)]
pub trait Payload: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static> Payload for T {}

/// The same type, if it is a [`Payload`]: an associated type is bound by way of it, because rustc explains a bound of
/// its own by all that a payload is made of.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of an event",
    label = "not a payload",
    note = "put `#[payload]` on its definition; a foreign type needs `Serialize`, `Deserialize` and `JsonSchema`"
)]
pub trait IsPayload {
    type Itself: Payload;
}

#[diagnostic::do_not_recommend]
impl<T: Payload> IsPayload for T {
    type Itself = T;
}
