//! Named types, in the shapes of both directions.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use schemars::Schema as JsonSchema;
use serde_json::Value;
use sio_types_schema::{PayloadSchema, Schema};

use super::direction::Direction;
use super::layout::alias;
use super::names::{Names, type_name};
use super::shapes::{Schemas, Shapes, Work, docs};
use super::syntax::{Docs, Object, Type};
use super::ts_rs::Bridge;
use crate::error::Error;

pub(super) struct Definitions<'a> {
    sent: Schemas<'a>,
    accepted: Schemas<'a>,
    shapes: BTreeMap<String, Shape>,
    /// Types whose shapes differ by direction, and which therefore have two names.
    split: BTreeSet<String>,
    bridge: Bridge,
    uses_binary: [Cell<bool>; 2],
    work: Work,
}

/// A named type.
struct Shape {
    sent: Option<Type>,
    accepted: Option<Type>,
    docs: Docs,
}

impl<'a> Definitions<'a> {
    pub(super) fn new(schema: &'a Schema, names: &mut Names) -> Result<Self, Error> {
        let sent = schemas(&schema.definitions.sent);
        let accepted = schemas(&schema.definitions.accepted);
        let work = Work::default();
        let shapes = shapes(&sent, &accepted, &work)?;
        let bridge = Bridge::new(sent.iter().chain(&accepted));
        let split = split(&shapes, &bridge);
        let definitions = Self {
            sent,
            accepted,
            shapes,
            split,
            bridge,
            uses_binary: [Cell::new(false), Cell::new(false)],
            work,
        };
        definitions.claim(names)?;
        Ok(definitions)
    }

    fn claim(&self, names: &mut Names) -> Result<(), Error> {
        self.bridge.claim(names)?;
        for definition in self.printed().map(|(name, _)| name) {
            let owner = format!("the Rust type `{definition}`");
            names.claim(&self.name(definition, Direction::Sent), &owner)?;
            if self.split.contains(definition) {
                let owner = format!("the accepted form of the Rust type `{definition}`");
                names.claim(&self.name(definition, Direction::Accepted), &owner)?;
            }
        }
        Ok(())
    }

    /// Returns the schema of a definition in one direction.
    pub(super) fn schema(&self, definition: &str, direction: Direction) -> Option<&'a Value> {
        let schemas = match direction {
            Direction::Sent => &self.sent,
            Direction::Accepted => &self.accepted,
        };
        schemas.get(definition).copied()
    }

    /// Returns `true` if the declaration of a type comes from ts-rs.
    pub(super) fn is_bridged(&self, definition: &str) -> bool {
        self.bridge.name(definition).is_some()
    }

    /// Returns the types that are printed from their shape instead of from ts-rs.
    fn printed(&self) -> impl Iterator<Item = (&String, &Shape)> {
        self.shapes
            .iter()
            .filter(|(name, _)| self.bridge.name(name).is_none())
    }

    /// Returns the TypeScript name of a definition.
    pub(super) fn name(&self, definition: &str, direction: Direction) -> String {
        if let Some(name) = self.bridge.name(definition) {
            return name.to_owned();
        }
        let name = type_name(definition);
        if direction == Direction::Accepted && self.split.contains(definition) {
            return format!("{name}Input");
        }
        name
    }

    /// Returns the type of a payload in one direction; `undefined` if the payload does not travel that way.
    pub(super) fn payload(
        &self,
        payload: &PayloadSchema,
        direction: Direction,
    ) -> Result<Type, Error> {
        let (schema, definitions) = match direction {
            Direction::Sent => (&payload.sent, &self.sent),
            Direction::Accepted => (&payload.accepted, &self.accepted),
        };
        match schema {
            Some(schema) => {
                let ty = Shapes::new(definitions, &self.work).convert(schema.as_value())?;
                Ok(self.resolved(ty, direction))
            }
            None => Ok(Type::name("undefined")),
        }
    }

    /// Counts copies of types towards the limit for all types.
    pub(super) fn spend(&self, weight: usize) -> Result<(), Error> {
        self.work.spend(weight)
    }

    pub(super) fn uses_binary(&self, direction: Direction) -> bool {
        self.uses_binary[direction as usize].get()
    }

    /// Returns the declaration of every type by its name. A type has two declarations if its shapes differ.
    pub(super) fn declarations(&self) -> BTreeMap<String, String> {
        let docs = |name: &str| {
            let shape = self.shapes.get(name);
            shape.map(|shape| shape.docs.clone()).unwrap_or_default()
        };
        let mut printed = self.bridge.print(docs);
        for (definition, shape) in self.printed() {
            let directions = [
                (Direction::Sent, &shape.sent),
                (Direction::Accepted, &shape.accepted),
            ];
            for (direction, ty) in directions {
                let Some(ty) = ty else { continue };
                let name = self.name(definition, direction);
                if printed.contains_key(&name) {
                    continue;
                }
                let ty = match self.resolved(ty.clone(), direction) {
                    // An interface without members accepts everything except `null` and `undefined`.
                    Type::Object(object) if object.is_empty() => {
                        Type::name("Record<string, never>")
                    }
                    ty => ty,
                };
                printed.insert(name.clone(), declaration(&name, &ty, &shape.docs));
            }
        }
        printed
    }

    /// Returns the definition and the direction that each name stands for.
    pub(super) fn origins(&self) -> BTreeMap<String, (&str, Direction)> {
        let mut origins = BTreeMap::new();
        for (definition, shape) in &self.shapes {
            let directions = [
                (Direction::Sent, &shape.sent),
                (Direction::Accepted, &shape.accepted),
            ];
            for (direction, _) in directions.iter().filter(|(_, shape)| shape.is_some()) {
                let name = self.name(definition, *direction);
                origins.entry(name).or_insert((&**definition, *direction));
            }
        }
        origins
    }

    /// Returns warnings about types of ts-rs that do not match the wire format.
    pub(super) fn warnings(&self) -> Vec<String> {
        let wire = |definition: &str, direction| {
            let shape = self.shapes.get(definition)?;
            match direction {
                Direction::Sent => shape.sent.clone(),
                Direction::Accepted => shape.accepted.clone(),
            }
        };
        self.bridge.warnings(wire, self.shapes.keys().cloned())
    }

    /// Replaces references by their names in one direction.
    fn resolved(&self, ty: Type, direction: Direction) -> Type {
        ty.map(&|ty| match ty {
            Type::Definition(name) => Type::Name(self.name(&name, direction)),
            Type::Binary => {
                self.uses_binary[direction as usize].set(true);
                Type::name(binary_name(direction))
            }
            other => other,
        })
    }
}

pub(super) fn binary_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Sent => "Binary",
        Direction::Accepted => "BinaryInput",
    }
}

/// Returns the declaration of a type under a name, with its documentation.
pub(super) fn declaration(name: &str, ty: &Type, docs: &Docs) -> String {
    let mut text: String = docs.lines().into_iter().map(|line| line + "\n").collect();
    text += &match ty {
        Type::Object(object @ Object { .. }) => object.interface(name),
        other => alias(name, other),
    };
    text
}

fn schemas(definitions: &BTreeMap<String, JsonSchema>) -> Schemas<'_> {
    let values = definitions.iter();
    values
        .map(|(name, schema)| (&**name, schema.as_value()))
        .collect()
}

fn shapes(
    sent: &Schemas<'_>,
    accepted: &Schemas<'_>,
    work: &Work,
) -> Result<BTreeMap<String, Shape>, Error> {
    let names: BTreeSet<_> = sent.keys().chain(accepted.keys()).collect();
    let mut shapes = BTreeMap::new();
    for name in names {
        let convert = |schemas: &Schemas<'_>| match schemas.get(name) {
            Some(schema) => {
                let ty = Shapes::new(schemas, work).convert(schema);
                ty.map(Some)
                    .map_err(|error| error.within(format!("the type `{name}`")))
            }
            None => Ok(None),
        };
        let shape = Shape {
            sent: convert(sent)?,
            accepted: convert(accepted)?,
            docs: sent
                .get(name)
                .or(accepted.get(name))
                .map(|schema| type_docs(schema))
                .unwrap_or_default(),
        };
        shapes.insert((*name).to_owned(), shape);
    }
    Ok(shapes)
}

/// Returns the documentation of a type, including that of its unit variants, which cannot have comments of their own.
fn type_docs(schema: &Value) -> Docs {
    let mut docs = docs(schema);
    let variants = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut is_list = docs.text.contains("\n- ");
    for variant in variants {
        let (Some(value), Some(text)) = (variant.get("const"), variant.get("description")) else {
            continue;
        };
        let Some(text) = text.as_str() else { continue };
        if !docs.text.is_empty() && !is_list {
            docs.text.push('\n');
        }
        is_list = true;
        let text = text.replace('\n', "\n  ");
        docs.text.push_str(&format!("\n- `{value}`: {text}"));
    }
    docs
}

/// Returns the types whose shapes differ by direction, in themselves or in a type that they contain.
fn split(shapes: &BTreeMap<String, Shape>, bridge: &Bridge) -> BTreeSet<String> {
    let mut split = BTreeSet::new();
    let mut holders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for (name, shape) in shapes {
        let (Some(sent), Some(accepted)) = (&shape.sent, &shape.accepted) else {
            continue;
        };
        if bridge.name(name).is_some() {
            continue;
        }
        let mut differs = sent != accepted;
        sent.visit(&mut |ty| match ty {
            Type::Binary => differs = true,
            Type::Definition(held) => holders.entry(held.clone()).or_default().push(name),
            _ => {}
        });
        if differs {
            waiting.push(name.as_str());
        }
    }
    while let Some(name) = waiting.pop() {
        if split.insert(name.to_owned()) {
            waiting.extend(holders.get(name).into_iter().flatten());
        }
    }
    split
}
