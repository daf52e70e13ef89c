//! Validators for [Zod](https://zod.dev) 4.3 or later. They check at run time what TypeScript checks at compile time,
//! and constraints that TypeScript types cannot express, such as the range of an integer.
//!
//! Every validator is declared as the `z.ZodType` of its type, so that the compiler compares the two.

mod validators;

use std::collections::BTreeSet;

use sio_types_schema::{Acknowledgement, EventSetSchema, NamespaceSchema, PayloadSchema, Schema};

use super::definitions::Definitions;
use super::direction::Direction;
use super::events::Way;
use super::names::Names;
use super::syntax::{key, string};
use crate::error::Error;

pub(super) const IMPORT: &str = "import { z } from \"zod\";\n";

/// Prevents Prettier from reformatting the following statement.
const AS_IT_IS: &str = "// prettier-ignore\n";

/// Claims the names of the validators, which no type may have.
pub(super) fn claim(definitions: &Definitions<'_>, names: &mut Names) -> Result<(), Error> {
    names.claim_own("z")?;
    names.claim_own("validators")?;
    names.claim_own("isBinary")?;
    for name in definitions.origins().keys() {
        names.claim(&schema_name(name), &format!("the validator of `{name}`"))?;
    }
    Ok(())
}

/// Returns the validators of all types, followed by those of all events.
pub(super) fn print(schema: &Schema, definitions: &Definitions<'_>) -> Vec<String> {
    let mut printer = Printer {
        definitions,
        printed: BTreeSet::new(),
        sections: Vec::new(),
    };
    let [sent, accepted] =
        [Direction::Sent, Direction::Accepted].map(|it| definitions.uses_binary(it));
    if sent || accepted {
        printer.sections.push(IS_BINARY.to_owned());
    }
    for (name, (definition, direction)) in definitions.origins() {
        printer.declare(&name, definition, direction);
    }
    let validators = printer.validators(schema);
    printer.sections.push(validators);
    printer.sections
}

const IS_BINARY: &str = "\
function isBinary(value: unknown): boolean {
  return (
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) ||
    value instanceof Blob
  );
}
";

struct Printer<'a> {
    definitions: &'a Definitions<'a>,
    /// Validators that are declared already and can be named. Later and recursive ones are referenced with `z.lazy`.
    printed: BTreeSet<String>,
    sections: Vec<String>,
}

impl Printer<'_> {
    fn declare(&mut self, name: &str, definition: &str, direction: Direction) {
        if self.printed.contains(name) {
            return;
        }
        let Some(schema) = self.definitions.schema(definition, direction) else {
            return;
        };
        // The type of ts-rs may differ from the wire format.
        let (open, close) = match self.definitions.is_bridged(definition) {
            true => ("(", format!(") as unknown as z.ZodType<{name}>")),
            false => ("", String::new()),
        };
        let validator = self.validator(schema, direction, 0);
        self.sections.push(format!(
            "{AS_IT_IS}export const {}: z.ZodType<{name}> = {open}{validator}{close};\n",
            schema_name(name)
        ));
        self.printed.insert(name.to_owned());
    }

    fn validators(&self, schema: &Schema) -> String {
        let mut text = format!(
            "/** Validators for the arguments and the acknowledgement of every event. */\n{AS_IT_IS}export const validators = {{\n"
        );
        for namespace in &schema.namespaces {
            text += &self.namespace(namespace);
        }
        text + "};\n"
    }

    fn namespace(&self, namespace: &NamespaceSchema) -> String {
        let mut text = format!("  {}: {{\n", string(&namespace.path));
        let sets = [
            (
                "serverToClient",
                &namespace.server_to_client,
                Way::SERVER_TO_CLIENT,
            ),
            (
                "clientToServer",
                &namespace.client_to_server,
                Way::CLIENT_TO_SERVER,
            ),
            ("interServer", &namespace.inter_server, Way::BETWEEN_SERVERS),
        ];
        for (role, set, way) in sets {
            text += &format!("    {role}: {{\n{}    }},\n", self.events(set, way));
        }
        let payloads = [
            ("auth", &namespace.auth, Direction::Accepted),
            ("connectError", &namespace.connect_error, Direction::Sent),
        ];
        for (name, payload, direction) in payloads {
            if let Some(payload) = payload {
                text += &format!("    {name}: {},\n", self.payload(payload, direction, 2));
            }
        }
        text + "  },\n"
    }

    fn events(&self, set: &EventSetSchema, way: Way) -> String {
        let mut text = String::new();
        for event in &set.events {
            let arguments = event.arguments.iter().map(|argument| {
                let validator = self.payload(&argument.payload, way.arguments, 4);
                match argument.optional && way.arguments == Direction::Accepted {
                    true => format!("{validator}.optional()"),
                    false => validator,
                }
            });
            let arguments: Vec<_> = arguments.collect();
            text += &format!("      {}: {{\n", key(&event.name));
            text += &format!("        arguments: z.tuple([{}]),\n", arguments.join(", "));
            if let Some(answer) = &event.acknowledgement {
                let answer = self.acknowledgement(answer, way.acknowledgement);
                text += &format!("        acknowledgement: {answer},\n");
            }
            text += "      },\n";
        }
        text
    }

    fn acknowledgement(&self, answer: &Acknowledgement, direction: Direction) -> String {
        match answer {
            Acknowledgement::Value { data, .. } => self.payload(data, direction, 4),
            Acknowledgement::Fallible { data, error, .. } => format!(
                "z.discriminatedUnion(\"status\", [\n          \
                 z.object({{ status: z.literal(\"ok\"), data: {} }}),\n          \
                 z.object({{ status: z.literal(\"error\"), error: {} }}),\n          \
                 z.object({{ status: z.literal(\"rejected\"), reason: z.object({{ code: z.string(), message: z.string() }}) }}),\n        ])",
                self.payload(data, direction, 5),
                self.payload(error, direction, 5),
            ),
            _ => "z.undefined()".to_owned(),
        }
    }

    fn payload(&self, payload: &PayloadSchema, direction: Direction, indent: usize) -> String {
        let schema = match direction {
            Direction::Sent => &payload.sent,
            Direction::Accepted => &payload.accepted,
        };
        match schema {
            Some(schema) => self.validator(schema.as_value(), direction, indent),
            None => "z.undefined()".to_owned(),
        }
    }
}

fn schema_name(name: &str) -> String {
    format!("{name}Schema")
}
