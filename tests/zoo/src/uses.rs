//! A TypeScript module that uses the types of the zoo.

use std::fmt::Write;

use crate::Specimen;
use serde_json::Value;

/// A module with constants, each of the type of an event's argument.
pub struct Uses(pub String);

impl Default for Uses {
    /// Creates a module that imports the types and does not use them yet.
    fn default() -> Self {
        Self("import type { Namespaces } from \"./events.js\";\n".to_owned())
    }
}

impl Uses {
    /// Names the type of a specimen in both directions: `S0` as sent, `A0` as accepted.
    pub fn name(&mut self, number: usize, specimen: &Specimen) {
        let Specimen {
            namespace, event, ..
        } = specimen;
        for (letter, role) in [("S", "serverToClient"), ("A", "clientToServer")] {
            self.line(format_args!(
                "export type {letter}{number} = Parameters<Namespaces[\"{namespace}\"][\"{role}\"][\"{event}\"]>[0];"
            ));
        }
    }

    pub fn fits(&mut self, ty: &str, number: usize, event: &str, values: &[Value]) {
        let values = Value::from(values);
        self.line(format_args!(
            "export const {}{number}: {ty}{number}[] = {values}; // {event}",
            ty.to_lowercase()
        ));
    }

    pub fn does_not_fit(&mut self, number: usize, event: &str, values: &[Value]) {
        for (index, value) in values.iter().enumerate() {
            self.line(format_args!(
                "// @ts-expect-error {event}\nexport const r{number}_{index}: A{number} = {value};"
            ));
        }
    }

    /// Adds a constant of a type. `R` stands for a rejected value, whose type is the accepted one.
    pub fn value(&mut self, letter: &str, number: usize, value: &Value) {
        let ty = if letter == "R" { "A" } else { letter };
        let index = self.0.len();
        self.line(format_args!(
            "export const v{index}: {ty}{number} = {value};"
        ));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("memory");
    }
}
