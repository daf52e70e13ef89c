//! Items that generated code calls; not part of the public interface.

#[cfg(feature = "ts-rs")]
pub use crate::describe::ts_rs::declare_by_ts_rs;
pub use crate::{
    __register_namespace as register_namespace,
    contract::registry::{RegisteredNamespace, print_schema},
    describe::{notes::list_names, wire::Wire},
};
pub use crate::{
    contract::{
        emit_target::EmitTarget,
        events::{Call, Context, Dispatch, Dispatched, EventSet, NoEvents},
        namespace::Namespace,
        path::{PathError, PathParameters, PathWriter},
    },
    support::rate::Rate,
    wire::{
        arguments::{Arguments, FromArguments, arg},
        bigint::BigInt,
        message::{DecodeError, Message},
        payload::{IsPayload, Payload},
    },
};
pub use inventory;
pub use schemars;
pub use serde;
#[cfg(feature = "ts-rs")]
pub use ts_rs;

/// Functions for `#[serde(with = …)]`.
pub mod bigint {
    pub use crate::wire::bigint::{deserialize, serialize};
}

/// Decoders for the acknowledgements of an emitter's events.
pub mod ack {
    pub use crate::wire::acknowledgement::{Answer, Fallible, fallible, unit, value};
}

/// Builders and functions with which generated code describes its events.
pub mod schema {
    pub use crate::{
        contract::describe::{acknowledged, argument, fallible},
        describe::build::{EventBuilder, EventSetBuilder, NamespaceBuilder},
    };
}

/// Requires that a type is a payload.
pub const fn payload<T: Payload>() {}

/// Requires that both sides of a `Result` are payloads.
pub const fn fallible_payload<R: ack::Fallible<Ok: Payload, Error: Payload>>() {}
