//! JSON Schemas of Rust types, in both directions.

use std::any::TypeId;

use schemars::{
    JsonSchema,
    generate::{SchemaGenerator, SchemaSettings},
    json_schema,
};
use serde::de::DeserializeOwned;
use sio_types_schema::{Definitions, PayloadSchema};

use super::{names::Renames, notes};
use crate::wire::arguments::absent;

/// Direction of payloads, as seen from Rust.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Direction {
    Sent,
    Accepted,
    Both,
}

impl Direction {
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Sent => Self::Accepted,
            Self::Accepted => Self::Sent,
            Self::Both => Self::Both,
        }
    }
}

/// Schema generators of both directions.
#[derive(Debug)]
pub(super) struct Generators {
    pub(super) sent: SchemaGenerator,
    pub(super) accepted: SchemaGenerator,
}

impl Generators {
    pub(super) fn new() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into())
        };
        Self {
            sent: settings("/definitions/sent")
                .for_serialize()
                .into_generator(),
            accepted: settings("/definitions/accepted")
                .for_deserialize()
                .into_generator(),
        }
    }

    pub(super) fn payload<T: JsonSchema>(&mut self, direction: Direction) -> PayloadSchema {
        self.described(SchemaGenerator::subschema_for::<T>, direction)
    }

    /// Creates the schema of a payload from the description of its type.
    fn described(
        &mut self,
        describe: fn(&mut SchemaGenerator) -> schemars::Schema,
        direction: Direction,
    ) -> PayloadSchema {
        let sent = direction != Direction::Accepted;
        let accepted = direction != Direction::Sent;
        let inline = |generator: &mut SchemaGenerator, direction| {
            let mut schema = describe(generator);
            if let Some(fields) = schema.as_object_mut() {
                notes::apply(fields, direction);
            }
            schema
        };
        PayloadSchema::new(
            sent.then(|| inline(&mut self.sent, Direction::Sent)),
            accepted.then(|| inline(&mut self.accepted, Direction::Accepted)),
        )
    }

    pub(super) fn finish(self, [sent, accepted]: &[Renames; 2]) -> Definitions {
        let definitions = |mut generator: SchemaGenerator, names: &Renames, direction| {
            let definitions = generator.take_definitions(true).into_iter();
            let definitions = definitions.filter_map(|(name, mut schema)| {
                if let Some(fields) = schema.as_object_mut() {
                    notes::apply(fields, direction);
                }
                let name = names.get(&name).cloned().unwrap_or(name);
                Some((name, schema.try_into().ok()?))
            });
            definitions.collect()
        };
        Definitions::new(
            definitions(self.sent, sent, Direction::Sent),
            definitions(self.accepted, accepted, Direction::Accepted),
        )
    }
}

pub(super) fn is_unit<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

/// Returns `true` if a missing argument decodes, as a missing field of a struct would. This holds for an `Option`.
pub(super) fn accepts_absence<T: DeserializeOwned>() -> bool {
    absent::<T>().is_ok()
}

/// Returns the schema of a path parameter. A parameter is sent as text (`Display`, `FromStr`), so the JSON form of its
/// type does not describe it. Only integers and booleans have the same form in both.
pub(super) fn path_segment<T: 'static>() -> schemars::Schema {
    let ty = TypeId::of::<T>();
    if is_integer(ty) {
        json_schema!({ "type": "integer" })
    } else if ty == TypeId::of::<bool>() {
        json_schema!({ "type": "boolean" })
    } else {
        json_schema!({ "type": "string" })
    }
}

/// Returns `true` for integers that a JavaScript number holds exactly; other integers are text.
fn is_integer(ty: TypeId) -> bool {
    [
        TypeId::of::<u8>(),
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<i8>(),
        TypeId::of::<i16>(),
        TypeId::of::<i32>(),
    ]
    .contains(&ty)
}
