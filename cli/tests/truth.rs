//! What the server sends type-checks, and what type-checks is accepted: real values of many types, serialised by Rust
//! and judged by the TypeScript compiler, and values that are only just wrong, refused by both.

#![allow(
    clippy::wrong_self_convention,
    dead_code,
    deprecated,
    missing_docs,
    unreachable_pub,
    reason = "types that only stand for their shape"
)]

#[path = "truth/enums.rs"]
mod enums;
#[path = "truth/foreign.rs"]
mod foreign;
#[path = "truth/plain.rs"]
mod plain;
#[path = "truth/structs.rs"]
mod structs;
#[path = "support/tools.rs"]
mod tools;

use std::fmt::Write;

use serde_json::Value;
use sio_types::{Payload, Schema};
use tools::{assert_compiles, assert_formatted};

/// One type: what is known of its values.
struct Specimen {
    path: &'static str,
    event: &'static str,
    /// As the server sends them.
    sent: Vec<Value>,
    /// What a client may send besides.
    accepted: Vec<Value>,
    /// What a client may not send, by Rust's word and by TypeScript's.
    refused: Vec<Value>,
    /// Where Rust is not of that opinion.
    surprises: Vec<String>,
}

fn specimen<T: Payload>(
    path: &'static str,
    event: &'static str,
    sent: Vec<T>,
    accepted: &[&str],
    refused: &[&str],
) -> Specimen {
    let parse = |texts: &[&str]| -> Vec<Value> {
        let parsed = texts.iter().map(|text| serde_json::from_str(text));
        parsed.collect::<Result<_, _>>().expect(event)
    };
    let (accepted, refused) = (parse(accepted), parse(refused));
    let mut surprises = Vec::new();
    for value in &accepted {
        if let Err(error) = serde_json::from_value::<T>(value.clone()) {
            surprises.push(format!("{event}: Rust refuses {value}: {error}"));
        }
    }
    for value in &refused {
        if serde_json::from_value::<T>(value.clone()).is_ok() {
            surprises.push(format!("{event}: Rust accepts {value}"));
        }
    }
    let sent = sent.iter().map(serde_json::to_value);
    Specimen {
        path,
        event,
        sent: sent.collect::<Result<_, _>>().expect(event),
        accepted,
        refused,
        surprises,
    }
}

/// Declares the events that carry the types, and lists their values.
macro_rules! specimens {
    ($namespace:ident $path:tt $($event:ident: $ty:ty = [$($sent:expr),* $(,)?]
        accepts [$($accepted:literal),* $(,)?] refuses [$($refused:literal),* $(,)?];)*) => {
        #[sio_types::events(rename_all = "snake_case")]
        pub trait Sent { $(fn $event(value: $ty);)* }

        #[sio_types::events(rename_all = "snake_case")]
        pub trait Accepted { $(fn $event(value: $ty);)* }

        #[derive(sio_types::Events)]
        #[events(namespace = $path, server_to_client = Sent, client_to_server = Accepted)]
        pub struct $namespace;

        pub(crate) fn specimens() -> Vec<crate::Specimen> {
            vec![$(crate::specimen::<$ty>(
                $path, stringify!($event), vec![$($sent),*], &[$($accepted),*], &[$($refused),*],
            )),*]
        }
    };
}
use specimens;

fn all() -> Vec<Specimen> {
    let parts = [
        plain::specimens(),
        structs::specimens(),
        enums::specimens(),
        foreign::specimens(),
    ];
    parts.into_iter().flatten().collect()
}

fn typescript() -> String {
    let schema = Schema::of::<(
        plain::Plain,
        structs::Structs,
        enums::Enums,
        foreign::Foreign,
    )>();
    let schema = schema.expect("the types have names of their own");
    sio_types_cli::typescript::print(&schema).expect("every type can be said")
}

/// One constant for each value, of the type of the event's argument.
fn judged(specimens: &[Specimen]) -> String {
    let mut uses = String::from("import type { Namespaces } from \"./events.js\";\n");
    for (number, specimen) in specimens.iter().enumerate() {
        let Specimen { path, event, .. } = specimen;
        for (letter, role) in [("S", "serverToClient"), ("A", "clientToServer")] {
            writeln!(
                uses,
                "type {letter}{number} = Parameters<Namespaces[\"{path}\"][\"{role}\"][\"{event}\"]>[0];"
            )
            .expect("memory");
        }
        let mut constant = |name: String, ty: &str, value: &Value| {
            writeln!(
                uses,
                "export const {name}: {ty}{number} = {value}; // {event}"
            )
            .expect("memory");
        };
        for (index, value) in specimen.sent.iter().enumerate() {
            constant(format!("s{number}_{index}"), "S", value);
        }
        for (index, value) in specimen.accepted.iter().enumerate() {
            constant(format!("a{number}_{index}"), "A", value);
        }
        for (index, value) in specimen.refused.iter().enumerate() {
            let value = Value::clone(value);
            writeln!(
                uses,
                "// @ts-expect-error {event}\nexport const r{number}_{index}: A{number} = {value};"
            )
            .expect("memory");
        }
    }
    uses
}

#[test]
fn the_compiler_agrees_with_serde() {
    let specimens = all();
    assert!(specimens.len() >= 150, "only {} types", specimens.len());
    let surprises: Vec<_> = specimens.iter().flat_map(|one| &one.surprises).collect();
    assert!(surprises.is_empty(), "{surprises:#?}");
    let empty = specimens.iter().find(|specimen| specimen.sent.is_empty());
    assert!(empty.is_none(), "a type without a value proves nothing");
    assert_compiles(&typescript(), &judged(&specimens));
}

#[test]
fn prettier_agrees() {
    assert_formatted(&typescript());
}

#[test]
fn the_same_types_are_the_same_text() {
    assert_eq!(typescript(), typescript());
}
