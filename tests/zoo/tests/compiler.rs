//! What the server sends type-checks, and what type-checks is accepted, by the word of the TypeScript compiler.

#[path = "../../typescript/tools.rs"]
mod tools;

use std::fmt::Write;

use serde_json::Value;
use sio_types_zoo::{Specimen, schema, specimens};
use tools::{assert_compiles, assert_formatted};

fn typescript() -> String {
    sio_types_cli::typescript::print(&schema()).expect("every type can be said")
}

/// Constants of the type of an event's argument, one a value.
struct Uses(String);

impl Uses {
    fn new() -> Self {
        Self("import type { Namespaces } from \"./events.js\";\n".to_owned())
    }

    /// Names the type of a specimen in both directions: `S0` as sent, `A0` as accepted.
    fn name(&mut self, number: usize, specimen: &Specimen) {
        let Specimen {
            namespace, event, ..
        } = specimen;
        for (letter, role) in [("S", "serverToClient"), ("A", "clientToServer")] {
            self.line(format_args!(
                "export type {letter}{number} = Parameters<Namespaces[\"{namespace}\"][\"{role}\"][\"{event}\"]>[0];"
            ));
        }
    }

    fn fits(&mut self, ty: &str, number: usize, event: &str, values: &[Value]) {
        let values = Value::from(values);
        self.line(format_args!(
            "export const {}{number}: {ty}{number}[] = {values}; // {event}",
            ty.to_lowercase()
        ));
    }

    fn does_not_fit(&mut self, number: usize, event: &str, values: &[Value]) {
        for (index, value) in values.iter().enumerate() {
            self.line(format_args!(
                "// @ts-expect-error {event}\nexport const r{number}_{index}: A{number} = {value};"
            ));
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("memory");
    }
}

#[test]
fn rust_has_the_same_opinion() {
    let specimens = specimens();
    assert!(specimens.len() >= 150, "only {} types", specimens.len());
    let mut surprises = Vec::new();
    for specimen in &specimens {
        let event = specimen.event;
        assert!(!specimen.sent.is_empty(), "{event} is never sent");
        for value in &specimen.accepted {
            if let Err(error) = (specimen.decoded)(value.clone()) {
                surprises.push(format!("{event}: Rust refuses {value}: {error}"));
            }
        }
        for value in &specimen.refused {
            if (specimen.decoded)(value.clone()).is_ok() {
                surprises.push(format!("{event}: Rust accepts {value}"));
            }
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}

#[test]
fn the_compiler_has_the_same_opinion() {
    let mut uses = Uses::new();
    for (number, specimen) in specimens().iter().enumerate() {
        uses.name(number, specimen);
        uses.fits("S", number, specimen.event, &specimen.sent);
        uses.fits("A", number, specimen.event, &specimen.accepted);
        uses.does_not_fit(number, specimen.event, &specimen.refused);
    }
    assert_compiles(&typescript(), &uses.0);
}

#[test]
fn prettier_agrees() {
    assert_formatted(&typescript());
}

#[test]
fn the_same_types_are_the_same_text() {
    assert_eq!(typescript(), typescript());
}
