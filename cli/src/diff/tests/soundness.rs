//! Property test: values that are reported as fitting pass an independent validator.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::assignability::Comparison;
use super::super::effort::Effort;
use super::super::shape::Definitions;

/// A type of the kinds that schemas of Rust types have.
#[derive(Clone, Debug)]
enum Kind {
    Null,
    Boolean,
    Integer(i64, i64),
    Number,
    Text,
    Constant(u8),
    List(Box<Kind>),
    Tuple(Vec<Kind>),
    Object(Vec<(u8, Kind, bool)>, bool),
    Map(Box<Kind>),
    Union(Vec<Kind>),
    /// An object with a tag.
    Variant(u8, Box<Kind>),
    /// The type itself, inside an object.
    Again,
    /// One of the other named types.
    Named(u8),
    /// Fields combined with the alternatives of another type: `#[serde(flatten)]`.
    Flattened(Vec<(u8, Kind, bool)>, Box<Kind>, Way),
    /// A map whose keys are numbers.
    Numbered(Box<Kind>),
    /// Named fields beside those of a map.
    Open(Vec<(u8, Kind, bool)>, Box<Kind>),
}

/// Keyword that a schema uses to include all fields of a type.
#[derive(Clone, Copy, Debug)]
enum Way {
    OneOf,
    AllOf,
    Reference(u8),
}

/// Number of named types beside the root.
const NAMED: u8 = 2;

fn kind() -> impl Strategy<Value = Kind> {
    let leaf = prop_oneof![
        Just(Kind::Null),
        Just(Kind::Boolean),
        (-3i64..3, 0i64..5).prop_map(|(low, size)| Kind::Integer(low, low + size)),
        Just(Kind::Number),
        Just(Kind::Text),
        (0u8..4).prop_map(Kind::Constant),
        Just(Kind::Again),
        (0..NAMED).prop_map(Kind::Named),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let field = (0u8..4, inner.clone(), any::<bool>());
        let fields = || prop::collection::vec(field.clone(), 0..4);
        let way = prop_oneof![
            Just(Way::OneOf),
            Just(Way::AllOf),
            (0..NAMED).prop_map(Way::Reference),
        ];
        prop_oneof![
            inner.clone().prop_map(|kind| Kind::List(Box::new(kind))),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Kind::Tuple),
            (fields(), any::<bool>()).prop_map(|(fields, closed)| Kind::Object(fields, closed)),
            (fields(), inner.clone(), way).prop_map(|(fields, kind, way)| Kind::Flattened(
                fields,
                Box::new(kind),
                way
            )),
            inner
                .clone()
                .prop_map(|kind| Kind::Numbered(Box::new(kind))),
            (fields(), inner.clone()).prop_map(|(fields, kind)| Kind::Open(fields, Box::new(kind))),
            inner.clone().prop_map(|kind| Kind::Map(Box::new(kind))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Kind::Union),
            (0u8..3, inner).prop_map(|(tag, kind)| Kind::Variant(tag, Box::new(kind))),
        ]
    })
}

fn object(fields: &[(u8, Kind, bool)]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, kind, is_required) in fields {
        let name = format!("f{name}");
        if properties.insert(name.clone(), kind.schema()).is_none() && *is_required {
            required.push(name);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

fn reference(index: u8) -> String {
    format!("#/definitions/sent/Type{index}")
}

impl Kind {
    fn schema(&self) -> Value {
        match self {
            Self::Null => json!({ "type": "null" }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Integer(low, high) => {
                json!({ "type": "integer", "minimum": low, "maximum": high })
            }
            Self::Number => json!({ "type": "number" }),
            Self::Text => json!({ "type": "string" }),
            Self::Constant(index) => json!({ "const": format!("c{index}") }),
            Self::List(kind) => json!({ "type": "array", "items": kind.schema() }),
            Self::Tuple(kinds) => {
                let items: Vec<_> = kinds.iter().map(Self::schema).collect();
                json!({ "type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len() })
            }
            Self::Object(fields, closed) => {
                let mut schema = object(fields);
                if *closed {
                    schema["additionalProperties"] = false.into();
                }
                schema
            }
            Self::Open(fields, kind) => {
                let mut schema = object(fields);
                schema["additionalProperties"] = kind.schema();
                schema
            }
            Self::Flattened(fields, kind, way) => {
                let mut schema = object(fields);
                match way {
                    Way::OneOf => schema["oneOf"] = json!([kind.schema()]),
                    Way::AllOf => schema["allOf"] = json!([kind.schema()]),
                    Way::Reference(index) => schema["$ref"] = reference(*index).into(),
                }
                schema
            }
            Self::Named(index) => json!({ "$ref": reference(*index) }),
            Self::Numbered(kind) => json!({
                "type": "object",
                "patternProperties": { "^\\d+$": kind.schema() },
                "additionalProperties": false,
            }),
            Self::Map(kind) => json!({ "type": "object", "additionalProperties": kind.schema() }),
            Self::Union(kinds) => {
                json!({ "anyOf": kinds.iter().map(Self::schema).collect::<Vec<_>>() })
            }
            Self::Variant(tag, kind) => json!({
                "type": "object",
                "properties": { "tag": { "const": format!("t{tag}") }, "value": kind.schema() },
                "required": ["tag", "value"],
            }),
            Self::Again => json!({
                "type": "object",
                "properties": { "again": { "anyOf": [{ "$ref": "#/definitions/sent/Root" }, { "type": "null" }] } },
            }),
        }
    }

    /// Returns the type without references that would make a type part of itself, which would never end.
    fn ending(self, from: u8) -> Self {
        match self {
            Self::Named(index) if index < from => Self::Text,
            Self::Union(kinds) => {
                Self::Union(kinds.into_iter().map(|kind| kind.ending(from)).collect())
            }
            Self::Flattened(fields, kind, way) => {
                let way = match way {
                    Way::Reference(index) if index < from => Way::OneOf,
                    way => way,
                };
                Self::Flattened(fields, Box::new(kind.ending(from)), way)
            }
            other => other,
        }
    }

    /// Returns the type with one or two differences.
    fn changed(&self, dice: &mut Dice, root: bool) -> Self {
        if !root && dice.throw(12) == 0 {
            return match dice.throw(5) {
                0 => Self::Union(vec![self.clone(), Self::Null]),
                1 => Self::Text,
                2 => Self::Number,
                3 => Self::Union(vec![Self::Constant(0), self.clone()]),
                _ => Self::Again,
            };
        }
        let mut boxed = |kind: &Self| Box::new(kind.changed(dice, false));
        match self {
            Self::List(kind) => Self::List(boxed(kind)),
            Self::Map(kind) => Self::Map(boxed(kind)),
            Self::Variant(tag, kind) => Self::Variant(*tag, boxed(kind)),
            Self::Tuple(kinds) => {
                Self::Tuple(kinds.iter().map(|kind| kind.changed(dice, false)).collect())
            }
            Self::Union(kinds) => {
                let mut kinds: Vec<_> =
                    kinds.iter().map(|kind| kind.changed(dice, false)).collect();
                if kinds.len() > 1 && dice.throw(4) == 0 {
                    kinds.pop();
                }
                Self::Union(kinds)
            }
            Self::Object(fields, closed) => {
                let mut fields: Vec<_> = fields
                    .iter()
                    .map(|(name, kind, required)| {
                        let required = *required ^ (dice.throw(8) == 0);
                        (*name, kind.changed(dice, false), required)
                    })
                    .collect();
                if dice.throw(6) == 0 {
                    fields.push((3, Self::Boolean, dice.throw(2) == 0));
                }
                Self::Object(fields, *closed ^ (dice.throw(10) == 0))
            }
            Self::Numbered(kind) => Self::Numbered(boxed(kind)),
            Self::Open(fields, kind) => Self::Open(fields.clone(), boxed(kind)),
            Self::Flattened(fields, kind, way) => {
                Self::Flattened(fields.clone(), boxed(kind), *way)
            }
            Self::Integer(low, high) if dice.throw(4) == 0 => Self::Integer(*low, high + 1),
            other => other.clone(),
        }
    }

    /// Returns a value of the type.
    fn value(&self, types: &Types, dice: &mut Dice, depth: usize) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean => (dice.throw(2) == 0).into(),
            Self::Integer(low, high) => {
                let size = u8::try_from(high - low + 1).unwrap();
                (low + i64::from(dice.throw(size))).into()
            }
            Self::Number => json!(f64::from(dice.throw(9)) / 2.0),
            Self::Text => ["c0", "c1", "t0", "", "else"][usize::from(dice.throw(5))].into(),
            Self::Constant(index) => format!("c{index}").into(),
            Self::List(kind) => (0..dice.throw(3))
                .map(|_| kind.value(types, dice, depth))
                .collect(),
            Self::Tuple(kinds) => kinds
                .iter()
                .map(|kind| kind.value(types, dice, depth))
                .collect(),
            Self::Object(fields, _) => fields_of(fields, types, dice, depth).into(),
            Self::Open(fields, kind) => {
                let mut object = fields_of(fields, types, dice, depth);
                if dice.throw(2) == 0 {
                    object.insert("f9".to_owned(), kind.value(types, dice, depth));
                }
                object.into()
            }
            Self::Flattened(fields, kind, way) => {
                let mut object = fields_of(fields, types, dice, depth);
                let kind = match way {
                    Way::Reference(index) => &Self::Named(*index),
                    _ => kind,
                };
                if let Value::Object(more) = kind.value(types, dice, depth) {
                    object.extend(more);
                }
                object.into()
            }
            Self::Named(_) if depth == 0 => Value::Null,
            Self::Named(index) => types[usize::from(*index) + 1].value(types, dice, depth - 1),
            Self::Numbered(kind) => {
                let entries = (0..dice.throw(3))
                    .map(|number| (number.to_string(), kind.value(types, dice, depth)));
                Value::Object(entries.collect())
            }
            Self::Map(kind) => {
                let entries = (0..dice.throw(3)).map(|_| {
                    let name = ["f0", "f1", "tag", "key"][usize::from(dice.throw(4))];
                    (name.to_owned(), kind.value(types, dice, depth))
                });
                Value::Object(entries.collect())
            }
            Self::Union(kinds) => {
                let index = usize::from(dice.throw(u8::try_from(kinds.len()).unwrap()));
                kinds[index].value(types, dice, depth)
            }
            Self::Variant(tag, kind) => {
                json!({ "tag": format!("t{tag}"), "value": kind.value(types, dice, depth) })
            }
            Self::Again if depth == 0 => json!({ "again": null }),
            Self::Again => match dice.throw(3) {
                0 => json!({}),
                1 => json!({ "again": null }),
                _ => json!({ "again": types[0].value(types, dice, depth - 1) }),
            },
        }
    }
}

/// Source of randomness that proptest can shrink.
struct Dice<'a>(std::iter::Cycle<std::slice::Iter<'a, u8>>);

impl<'a> Dice<'a> {
    fn new(throws: &'a [u8]) -> Self {
        Self(throws.iter().cycle())
    }

    fn throw(&mut self, sides: u8) -> u8 {
        self.0.next().map_or(0, |throw| throw % sides)
    }
}

fn fields_of(
    fields: &[(u8, Kind, bool)],
    types: &Types,
    dice: &mut Dice,
    depth: usize,
) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, kind, required) in fields {
        let name = format!("f{name}");
        // If two fields have one name, the schema keeps the last, and requires it if the first is required.
        let wanted = *required || object.contains_key(&name);
        if wanted || dice.throw(2) == 0 {
            object.insert(name, kind.value(types, dice, depth));
        }
    }
    object
}

/// The root type, followed by the other named types.
type Types = [Kind; 1 + NAMED as usize];

fn ending([root, first, second]: Types) -> Types {
    [root.ending(0), first.ending(1), second.ending(2)]
}

fn types() -> impl Strategy<Value = Types> {
    [kind(), kind(), kind()].prop_map(ending)
}

fn definitions(types: &Types) -> BTreeMap<String, schemars::Schema> {
    let names = ["Root", "Type0", "Type1"].into_iter();
    let named = names.zip(types).map(|(name, kind)| {
        let schema = schemars::Schema::try_from(kind.schema()).unwrap();
        (name.to_owned(), schema)
    });
    named.collect()
}

fn validator(types: &Types) -> jsonschema::Validator {
    let document = json!({
        "$ref": "#/definitions/sent/Root",
        "definitions": { "sent": definitions(types) },
    });
    jsonschema::validator_for(&document).unwrap()
}

fn throws() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 31..32)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn what_fits_validates(
        old in types(),
        change in throws(),
        draws in prop::collection::vec(throws(), 8),
    ) {
        let mut dice = Dice::new(&change);
        let new = ending(old.each_ref().map(|kind| kind.changed(&mut dice, true)));
        for (values, expected) in [(&new, &old), (&old, &new)] {
            let (from, to) = (definitions(values), definitions(expected));
            let effort = &Effort::default();
            let named = |schemas| Definitions { schemas, prefix: "#/definitions/sent/", effort };
            let root = json!({ "$ref": "#/definitions/sent/Root" });
            let misfits = Comparison::new(named(&from), named(&to), effort).misfits(&root, &root);
            if !misfits.is_empty() {
                continue;
            }
            // Fields may be declared twice and types may contain themselves, so some generated values are invalid.
            let (own, others) = (validator(values), validator(expected));
            for draws in &draws {
                let value = values[0].value(values, &mut Dice::new(draws), 3);
                prop_assert!(
                    !own.is_valid(&value) || others.is_valid(&value),
                    "{value} of {:#?} does not fit {:#?}", from, to
                );
            }
        }
    }

    #[test]
    fn every_schema_that_can_be_read_fits_itself(types in types()) {
        let schemas = definitions(&types);
        let effort = &Effort::default();
        let named = || Definitions { schemas: &schemas, prefix: "#/definitions/sent/", effort };
        let root = json!({ "$ref": "#/definitions/sent/Root" });
        let misfits = Comparison::new(named(), named(), effort).misfits(&root, &root);
        // No Rust type flattens a value that is not an object, or one that rejects the fields beside it.
        let is_odd = format!("{types:?}").contains("Flattened");
        prop_assert!(misfits.is_empty() || is_odd, "{misfits:?}");
    }
}

/// Returns the number of cases. Set `DIFF_CASES` for a long run.
fn cases() -> u32 {
    let cases = std::env::var("DIFF_CASES").ok();
    cases.and_then(|cases| cases.parse().ok()).unwrap_or(2_000)
}
