//! A zoo: types of every shape that serde knows. Each is the payload of an event, with values that are known to be
//! valid and values that are only just invalid.
//!
//! The tests in `tests/` judge them with the TypeScript compiler, a JSON Schema validator and the official client.

#![allow(
    clippy::wrong_self_convention,
    dead_code,
    deprecated,
    missing_docs,
    reason = "types that only stand for their shape"
)]

pub mod enums;
pub mod foreign;
pub mod plain;
pub mod structs;
pub mod uses;

use std::sync::{Arc, Mutex};

use arbitrary::Unstructured;
use serde_json::Value;
use sio_types::{
    Payload,
    schema::{self, Schema},
};

/// A type with its valid and invalid values.
pub struct Specimen {
    /// The type as written in Rust.
    pub ty: &'static str,
    /// The namespace whose events, one in each direction, carry the type.
    pub namespace: &'static str,
    /// The name of both events.
    pub event: &'static str,
    /// Values as the server sends them.
    pub sent: Vec<Value>,
    /// Further values that a client may send.
    pub accepted: Vec<Value>,
    /// Values that a client must not send, according to both Rust and TypeScript.
    pub refused: Vec<Value>,
    /// Draws a random value and serializes it; `None` if serde does not serialize it.
    pub random: fn(&mut Unstructured<'_>) -> arbitrary::Result<Option<Value>>,
    /// Decodes a value and encodes it again; `None` if serde does not serialize it.
    pub decoded: fn(Value) -> Result<Option<Value>, String>,
}

/// Returns all specimens.
pub fn specimens() -> Vec<Specimen> {
    let parts = [
        plain::specimens(),
        structs::specimens(),
        enums::specimens(),
        foreign::specimens(),
    ];
    parts.into_iter().flatten().collect()
}

/// Returns the schema of the specimens' namespaces.
pub fn schema() -> Schema {
    schema::of::<(
        plain::Plain,
        structs::Structs,
        enums::Enums,
        foreign::Foreign,
    )>()
    .expect("the types have names of their own")
}

/// A server for the namespaces. It sends every value to a client that connects, and echoes the values that it receives.
#[derive(Clone, Default)]
pub struct Echo {
    /// Names of the rejected events.
    pub rejected: Arc<Mutex<Vec<String>>>,
}

fn serialized<T: Payload>(value: &T) -> Option<Value> {
    serde_json::to_value(value).ok()
}

fn parsed(texts: &[&str]) -> Vec<Value> {
    let parse = |text: &&str| serde_json::from_str(text).expect("a specimen is JSON");
    texts.iter().map(parse).collect()
}

fn decoded<T: Payload>(value: Value) -> Result<Option<Value>, String> {
    let value: T = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(serialized(&value))
}

/// Declares the events that carry the types, and lists their values: `event: Type = [values] accepts [JSON] refuses
/// [JSON]`. A function after `by` draws random values if `Arbitrary` cannot.
macro_rules! specimens {
    ($namespace:ident $path:tt $($event:ident: $ty:ty = [$($sent:expr),* $(,)?]
        accepts [$($accepted:literal),* $(,)?] refuses [$($refused:literal),* $(,)?] $(by $draw:expr)?;)*) => {
        #[sio_types::events(rename_all = "snake_case")]
        pub trait Sent { $(fn $event(value: $ty);)* }

        #[sio_types::events(rename_all = "snake_case")]
        pub trait Accepted { $(fn $event(value: $ty);)* }

        #[derive(sio_types::Events)]
        #[events(namespace = $path, server_to_client = Sent, client_to_server = Accepted)]
        pub struct $namespace;

        impl Accepted<sio_types::Socket<$namespace>> for crate::Echo {
            $(async fn $event(&self, socket: sio_types::Socket<$namespace>, value: $ty) {
                if crate::serialized(&value).is_some() {
                    socket.emit().$event(value).expect("what was received can be sent");
                }
            })*
        }

        impl sio_types::Lifecycle<$namespace> for crate::Echo {
            async fn connected(&self, socket: sio_types::Socket<$namespace>) {
                $($(
                    let value: $ty = $sent;
                    socket.emit().$event(value).expect("the value can be sent");
                )*)*
            }

            fn rejected(&self, _: &sio_types::Socket<$namespace>, rejected: &sio_types::Rejected) {
                self.rejected.lock().expect("no panic").push(rejected.event.clone());
            }
        }

        pub(crate) fn specimens() -> Vec<crate::Specimen> {
            vec![$(crate::Specimen {
                ty: stringify!($ty),
                namespace: $path,
                event: stringify!($event),
                sent: [$(crate::serialized::<$ty>(&$sent)),*].into_iter().flatten().collect(),
                accepted: crate::parsed(&[$($accepted),*]),
                refused: crate::parsed(&[$($refused),*]),
                random: |source| {
                    let value: $ty = crate::drawn!(source $(, $draw)?)?;
                    Ok(crate::serialized(&value))
                },
                decoded: crate::decoded::<$ty>,
            }),*]
        }
    };
}

macro_rules! drawn {
    ($source:ident) => {
        arbitrary::Arbitrary::arbitrary($source)
    };
    ($source:ident, $draw:expr) => {
        $draw($source)
    };
}

pub(crate) use drawn;
pub(crate) use specimens as specimens_of;
