//! JSON Schemas as the unions of alternatives that they are.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How deep schemas may refer to each other before they count as endless.
const DEEPEST: usize = 64;

/// What a schema says about itself, and not about its values.
pub(super) const ANNOTATIONS: [&str; 11] = [
    "$comment",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

pub(super) type Fields = Map<String, Value>;

/// The named types of one document, in one direction.
#[derive(Clone, Copy)]
pub(super) struct Definitions<'a> {
    pub(super) schemas: &'a BTreeMap<String, schemars::Schema>,
    /// What references to them start with.
    pub(super) prefix: &'static str,
}

/// One alternative.
#[derive(Clone, Debug)]
pub(super) enum Shape<'a> {
    Any,
    Null,
    Boolean,
    Integer(&'a Fields),
    Number(&'a Fields),
    Text(&'a Fields),
    Constant(&'a Value),
    Array(&'a Fields),
    /// All of these at once.
    Object(Vec<&'a Fields>),
    /// A named type, not looked into yet.
    Named(&'a str),
    /// Something that is compared as it stands.
    Opaque(&'a Value),
}

impl<'a> Definitions<'a> {
    pub(super) fn named(&self, name: &str) -> Option<&'a Value> {
        Some(self.schemas.get(name)?.as_value())
    }

    /// The alternatives of a schema; none is a schema that nothing fits.
    pub(super) fn alternatives(&self, schema: &'a Value) -> Vec<Shape<'a>> {
        self.read(schema, DEEPEST)
    }

    fn read(&self, schema: &'a Value, depth: usize) -> Vec<Shape<'a>> {
        let fields = match schema {
            Value::Bool(false) => return Vec::new(),
            Value::Object(fields) => fields,
            _ => return vec![Shape::Any],
        };
        let says = |name: &str| !ANNOTATIONS.contains(&name);
        let keywords: Vec<_> = fields.keys().filter(|name| says(name)).collect();
        if keywords.is_empty() {
            return vec![Shape::Any];
        }
        if let Some(name) = self.reference(fields) {
            return match &*keywords {
                [_] => vec![Shape::Named(name)],
                _ => vec![Shape::Opaque(schema)],
            };
        }
        if let Some(constant) = fields.get("const") {
            return vec![Shape::Constant(constant)];
        }
        if let Some(Value::Array(constants)) = fields.get("enum") {
            return constants.iter().map(Shape::Constant).collect();
        }
        for union in ["oneOf", "anyOf"] {
            if let Some(Value::Array(members)) = fields.get(union) {
                return self.union(schema, fields, members, depth);
            }
        }
        if let Some(Value::Array(members)) = fields.get("allOf") {
            return match self.intersection(fields, members, depth) {
                Some(object) => vec![object],
                None => vec![Shape::Opaque(schema)],
            };
        }
        let kinds: Vec<_> = match fields.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(kind)) => vec![kind.as_str()],
            _ if fields.contains_key("properties") => vec!["object"],
            _ => return vec![Shape::Opaque(schema)],
        };
        let shape = |kind| match kind {
            "null" => Shape::Null,
            "boolean" => Shape::Boolean,
            "integer" => Shape::Integer(fields),
            "number" => Shape::Number(fields),
            "string" => Shape::Text(fields),
            "array" => Shape::Array(fields),
            "object" => Shape::Object(vec![fields]),
            _ => Shape::Opaque(schema),
        };
        kinds.into_iter().map(shape).collect()
    }

    /// The alternatives, each together with what is said beside them.
    fn union(
        &self,
        schema: &'a Value,
        fields: &'a Fields,
        members: &'a [Value],
        depth: usize,
    ) -> Vec<Shape<'a>> {
        if depth == 0 {
            return vec![Shape::Opaque(schema)];
        }
        let members = members
            .iter()
            .flat_map(|member| self.read(member, depth - 1));
        if !fields.contains_key("properties") {
            return members.collect();
        }
        let mut shapes = Vec::new();
        for member in members {
            match self.parts(member, depth) {
                Some(mut parts) => {
                    parts.push(fields);
                    shapes.push(Shape::Object(parts));
                }
                None => return vec![Shape::Opaque(schema)],
            }
        }
        shapes
    }

    fn intersection(
        &self,
        fields: &'a Fields,
        members: &'a [Value],
        depth: usize,
    ) -> Option<Shape<'a>> {
        let mut parts = vec![fields];
        for member in members {
            let [shape] = &self.read(member, depth.checked_sub(1)?)[..] else {
                return None;
            };
            parts.extend(self.parts(shape.clone(), depth)?);
        }
        Some(Shape::Object(parts))
    }

    /// What an object consists of; `None` for anything else.
    fn parts(&self, shape: Shape<'a>, depth: usize) -> Option<Vec<&'a Fields>> {
        match shape {
            Shape::Object(parts) => Some(parts),
            Shape::Named(name) => {
                let [shape] = &self.read(self.named(name)?, depth.checked_sub(1)?)[..] else {
                    return None;
                };
                self.parts(shape.clone(), depth - 1)
            }
            _ => None,
        }
    }

    fn reference(&self, fields: &'a Fields) -> Option<&'a str> {
        fields.get("$ref")?.as_str()?.strip_prefix(self.prefix)
    }
}

/// The values that an integer may have; `None` where there is no bound.
pub(super) fn bounds(fields: &Fields) -> (Option<f64>, Option<f64>) {
    let format = fields.get("format").and_then(Value::as_str);
    let (low, high) = match format {
        Some("int8") => (Some(-128.0), Some(127.0)),
        Some("int16") => (Some(-32_768.0), Some(32_767.0)),
        Some("int32") => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
        Some("uint8") => (Some(0.0), Some(255.0)),
        Some("uint16") => (Some(0.0), Some(65_535.0)),
        Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
        Some("uint" | "uint64" | "uint128") => (Some(0.0), None),
        _ => (None, None),
    };
    let said = |name: &str| fields.get(name).and_then(Value::as_f64);
    let low = match (low, said("minimum")) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    };
    let high = match (high, said("maximum")) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    (low, high)
}

/// The fields of an object that consists of several parts.
pub(super) struct ObjectView<'s, 'a>(pub(super) &'s [&'a Fields]);

impl<'a> ObjectView<'_, 'a> {
    pub(super) fn required(&self) -> Vec<&'a str> {
        let lists = self.0.iter().filter_map(|part| part.get("required"));
        let mut names: Vec<_> = lists
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self
            .0
            .iter()
            .filter_map(|part| part.get("properties")?.as_object())
            .flat_map(|properties| properties.keys().map(String::as_str))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// All that is said of a field.
    pub(super) fn property(&self, name: &str) -> Vec<&'a Value> {
        let parts = self.0.iter();
        parts
            .filter_map(|part| part.get("properties")?.as_object()?.get(name))
            .collect()
    }

    /// What fields that are not named have to fit.
    pub(super) fn additional(&self) -> Additional<'a> {
        for name in ["additionalProperties", "unevaluatedProperties"] {
            let mut said = self.0.iter().filter_map(|part| part.get(name));
            match said.next() {
                None | Some(Value::Bool(true)) => {}
                Some(Value::Bool(false)) => return Additional::None,
                Some(schema) => return Additional::Fitting(schema),
            }
        }
        Additional::Ignored
    }

    /// Whether its parts say different things of fields that are not named.
    pub(super) fn is_unclear(&self) -> bool {
        let names = ["additionalProperties", "unevaluatedProperties"];
        let parts = self.0.iter();
        let said = parts.flat_map(|part| names.iter().filter_map(|name| part.get(*name)));
        let mut said: Vec<_> = said.filter(|said| **said != Value::Bool(true)).collect();
        said.dedup();
        said.len() > 1
    }

    /// What is said beyond that, which is compared as it stands.
    pub(super) fn rest(&self) -> Vec<(&'a str, &'a Value)> {
        const READ: [&str; 9] = [
            "type",
            "properties",
            "required",
            "additionalProperties",
            "unevaluatedProperties",
            "oneOf",
            "anyOf",
            "allOf",
            "$ref",
        ];
        let parts = self.0.iter().flat_map(|part| part.iter());
        let mut rest: Vec<_> = parts
            .filter(|(name, _)| !READ.contains(&&***name) && !ANNOTATIONS.contains(&&***name))
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        rest.sort_by_key(|(name, _)| *name);
        rest
    }

    /// The fields that say which alternative an object is: those of one possible text.
    pub(super) fn tags(&self) -> Vec<(&'a str, &'a Value)> {
        let required = self.required();
        let constant = |name: &&'a str| {
            let said = self.property(name);
            let constant = said.into_iter().find_map(|schema| schema.get("const"))?;
            Some((*name, constant))
        };
        required.iter().filter_map(constant).collect()
    }
}

/// What is made of fields that are not named.
pub(super) enum Additional<'a> {
    /// They are not looked at, and nobody sends any.
    Ignored,
    /// They are refused.
    None,
    Fitting(&'a Value),
}
