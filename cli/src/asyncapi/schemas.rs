//! Named types of a document. A type has one name if its schemas agree in both directions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sio_types_schema::Schema;

use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Direction {
    Sent,
    Accepted,
}

impl Direction {
    fn prefix(self) -> &'static str {
        match self {
            Self::Sent => "#/definitions/sent/",
            Self::Accepted => "#/definitions/accepted/",
        }
    }
}

pub(super) struct Schemas<'a> {
    schema: &'a Schema,
    /// Types whose accepted schema differs from the sent one.
    split: BTreeSet<&'a str>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(schema: &'a Schema) -> Result<Self, Error> {
        let split = split(schema);
        let definitions = &schema.definitions;
        for name in &split {
            let input = format!("{name}Input");
            let is_taken = |names: &BTreeMap<String, _>| names.contains_key(&input);
            if is_taken(&definitions.sent) || is_taken(&definitions.accepted) {
                let what = format!(
                    "the name `{input}` is used twice: by a type, and by the accepted form of `{name}`"
                );
                return Err(Error::types(what)
                    .help("rename one of them with `#[schemars(rename = \"…\")]`"));
            }
        }
        Ok(Self { schema, split })
    }

    pub(super) fn components(&self) -> Map<String, Value> {
        let definitions = &self.schema.definitions;
        let directions = [
            (&definitions.sent, Direction::Sent),
            (&definitions.accepted, Direction::Accepted),
        ];
        let mut components = Map::new();
        for (schemas, direction) in directions {
            for (name, schema) in schemas {
                let schema = self.rewritten(schema.as_value(), direction);
                components.insert(self.name(name, direction), schema);
            }
        }
        components
    }

    fn name(&self, name: &str, direction: Direction) -> String {
        if direction == Direction::Accepted && self.split.contains(name) {
            format!("{name}Input")
        } else {
            name.to_owned()
        }
    }

    /// Returns the schema with references to the document's own components.
    pub(super) fn rewritten(&self, schema: &Value, direction: Direction) -> Value {
        match schema {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.rewritten(item, direction));
                items.collect()
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| {
                    let reference = value
                        .as_str()
                        .filter(|_| key == "$ref")
                        .and_then(|reference| reference.strip_prefix(direction.prefix()));
                    let value = match reference {
                        Some(name) => {
                            let name = self.name(name, direction);
                            format!("#/components/schemas/{name}").into()
                        }
                        None => self.rewritten(value, direction),
                    };
                    (key.clone(), value)
                });
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }
}

/// Returns the types that differ by direction, including those that refer to a type that does.
fn split(schema: &Schema) -> BTreeSet<&str> {
    let definitions = &schema.definitions;
    let both = definitions.sent.iter().filter_map(|(name, sent)| {
        let accepted = definitions.accepted.get(name)?;
        Some((name.as_str(), sent.as_value(), accepted.as_value()))
    });
    let mut split = BTreeSet::new();
    // Maps each type to the types that refer to it in the same place in both directions. These differ if it does.
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for (name, sent, accepted) in both {
        let mut references = Vec::new();
        if are_same(sent, accepted, &mut references) {
            for reference in references {
                users.entry(reference).or_default().push(name);
            }
        } else {
            waiting.push(name);
        }
    }
    while let Some(name) = waiting.pop() {
        if split.insert(name) {
            waiting.extend(users.get(name).into_iter().flatten());
        }
    }
    split
}

/// Returns `true` if two schemas are equal, provided that the types that both refer to are equal.
fn are_same<'a>(sent: &'a Value, accepted: &'a Value, references: &mut Vec<&'a str>) -> bool {
    match (sent, accepted) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.get(key)
                        .is_some_and(|other| are_same(value, other, references))
                })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_same(a, b, references))
        }
        (Value::String(a), Value::String(b)) => {
            let names = (
                a.strip_prefix(Direction::Sent.prefix()),
                b.strip_prefix(Direction::Accepted.prefix()),
            );
            match names {
                (Some(a), Some(b)) => {
                    references.push(a);
                    a == b
                }
                _ => a == b,
            }
        }
        _ => sent == accepted,
    }
}
