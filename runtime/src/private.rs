//! What generated code calls; no part of the public interface.

#[cfg(feature = "ts-rs")]
pub use crate::schema::ts_rs::declare_by_ts_rs;
pub use crate::{
    __register_namespace as register_namespace,
    schema::{
        notes::list_names,
        registry::{RegisteredNamespace, print_schema},
        wire::Wire,
    },
};
pub use crate::{
    bigint::BigInt,
    dispatch::{Call, Context, Dispatched},
    emit::EmitTarget,
    limits::Rate,
    namespace::{Dispatch, EventSet, IsPayload, Namespace, NoEvents, Payload},
    path::{PathError, PathParameters, PathWriter},
    wire::{Arguments, DecodeError, FromArguments, Message, arg},
};
pub use inventory;
pub use schemars;
pub use serde;
#[cfg(feature = "ts-rs")]
pub use ts_rs;

/// The functions of `#[serde(with = …)]`.
pub mod bigint {
    pub use crate::bigint::{deserialize, serialize};
}

/// How the acknowledgements of an emitter's events are decoded.
pub mod ack {
    pub use crate::ack::{Answer, Fallible, fallible, unit, value};
}

/// What generated code describes itself with.
pub mod schema {
    pub use crate::schema::{
        EventBuilder, EventSetBuilder, NamespaceBuilder,
        contract::{acknowledged, argument, fallible},
    };
}

/// Asks that a type is a payload.
pub const fn payload<T: Payload>() {}

/// Asks that both sides of a `Result` are payloads.
pub const fn fallible_payload<R: ack::Fallible<Ok: Payload, Error: Payload>>() {}
