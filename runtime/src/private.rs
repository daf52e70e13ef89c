//! What generated code calls; no part of the public interface.

pub use crate::{
    bigint::{self, BigInt},
    dispatch::{Call, Context},
    emit::EmitTarget,
    namespace::{Dispatch, EventSet, Namespace, NoEvents, Payload},
    path::{PathError, PathParameters, PathWriter},
    wire::{Arguments, DecodeError, FromArguments, Message, arg},
};
pub use schemars;
pub use serde;

/// How the acknowledgements of an emitter's events are decoded.
pub mod ack {
    pub use crate::ack::{Answer, Fallible, fallible, unit, value};
}
