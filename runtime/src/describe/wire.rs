//! Schemas of converted fields.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::Contract};

/// Stands for a field that `#[serde(with = …)]` converts. `S` is the type that is sent, `A` the type that is accepted.
pub struct Wire<S, A>(PhantomData<(S, A)>);

impl<S: JsonSchema, A: JsonSchema> JsonSchema for Wire<S, A> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Wire".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        if *generator.contract() == Contract::Serialize {
            generator.subschema_for::<S>()
        } else {
            generator.subschema_for::<A>()
        }
    }
}
