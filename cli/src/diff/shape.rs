//! JSON Schemas as unions of alternatives.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::effort::{Effort, Limit, MAX_PARTS};
use crate::json_schema::{ANNOTATIONS, COMBINATORS, distinct_types};

/// Maximum number of forms of an object that are distinguished.
const MOST: usize = 256;

pub(super) type Fields = Map<String, Value>;

/// Named types of one document, in one direction.
#[derive(Clone, Copy)]
pub(super) struct Definitions<'a> {
    pub(super) schemas: &'a BTreeMap<String, schemars::Schema>,
    /// Prefix of references to the types.
    pub(super) prefix: &'static str,
    pub(super) effort: &'a Effort,
}

/// An alternative of a schema.
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
    /// An object that fits all of these schemas.
    Object(Vec<&'a Fields>),
    /// A named type that is not expanded yet.
    Named(&'a str),
    /// A schema that is compared literally.
    Opaque(&'a Value),
}

impl<'a> Definitions<'a> {
    pub(super) fn named(&self, name: &str) -> Option<&'a Value> {
        Some(self.schemas.get(name)?.as_value())
    }

    /// Returns the alternatives of a schema. The list is empty if nothing fits the schema.
    pub(super) fn alternatives(&self, schema: &'a Value) -> Vec<Shape<'a>> {
        self.read(schema, &mut Vec::new())
    }

    /// Returns the alternatives of a named type, with named types among them expanded once each: a type may be an
    /// alternative of itself.
    pub(super) fn expanded(&self, name: &'a str) -> Vec<Shape<'a>> {
        let mut shapes = Vec::new();
        let mut known = HashSet::from([name]);
        let mut waiting = vec![name];
        let mut simple = [false; 3];
        while let Some(name) = waiting.pop() {
            let Some(schema) = self.named(name) else {
                continue;
            };
            for shape in self.alternatives(schema) {
                let simple = match shape {
                    Shape::Named(name) => {
                        if known.insert(name) {
                            waiting.push(name);
                        }
                        continue;
                    }
                    Shape::Any => &mut simple[0],
                    Shape::Null => &mut simple[1],
                    Shape::Boolean => &mut simple[2],
                    _ => &mut false,
                };
                // `null` is added once, even if many of the types may be `null`.
                if !std::mem::replace(simple, true) {
                    shapes.push(shape);
                }
            }
        }
        shapes
    }

    /// Reads a schema. `within` contains the named types that are being combined; a type that is part of itself would
    /// never end.
    fn read(&self, schema: &'a Value, within: &mut Vec<&'a str>) -> Vec<Shape<'a>> {
        let fields = match schema {
            Value::Bool(false) => return Vec::new(),
            Value::Object(fields) => fields,
            _ => return vec![Shape::Any],
        };
        if !self.effort.spend(1 + fields.len()) {
            return vec![Shape::Opaque(schema)];
        }
        let says = |name: &str| !ANNOTATIONS.contains(&name);
        let keywords: Vec<_> = fields.keys().filter(|name| says(name)).collect();
        if keywords.is_empty() {
            return vec![Shape::Any];
        }
        if let Some(constant) = fields.get("const") {
            return vec![Shape::Constant(constant)];
        }
        if let Some(Value::Array(constants)) = fields.get("enum") {
            self.effort.spend(constants.len());
            return constants.iter().map(Shape::Constant).collect();
        }
        if let [keyword] = &*keywords {
            match (keyword.as_str(), &fields[*keyword]) {
                ("$ref", _) => {
                    let name = self.reference(fields);
                    return vec![name.map_or(Shape::Opaque(schema), Shape::Named)];
                }
                ("oneOf" | "anyOf", Value::Array(members)) => {
                    let members = members.iter();
                    return members.flat_map(|it| self.read(it, within)).collect();
                }
                _ => {}
            }
        }
        if COMBINATORS.iter().any(|name| fields.contains_key(*name)) {
            let Some(forms) = self.product(fields, within) else {
                return vec![Shape::Opaque(schema)];
            };
            return forms.into_iter().map(Shape::Object).collect();
        }
        let kinds: Vec<_> = match fields.get("type") {
            Some(Value::Array(kinds)) => distinct_types(kinds),
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

    /// Returns the objects that a schema with several combined constraints allows, each as its parts. Returns `None` if
    /// the schema allows anything else, or too many forms.
    fn product(
        &self,
        fields: &'a Fields,
        within: &mut Vec<&'a str>,
    ) -> Option<Vec<Vec<&'a Fields>>> {
        let is_object = fields.get("type").is_none_or(|kind| kind == "object");
        if !is_object {
            return None;
        }
        let mut groups = Vec::new();
        if fields.contains_key("$ref") {
            groups.push(self.named_forms(self.reference(fields)?, within)?);
        }
        for union in ["oneOf", "anyOf"] {
            if let Some(members) = fields.get(union) {
                let members = members.as_array()?.iter();
                let forms = members.map(|member| self.forms(member, within));
                groups.push(forms.collect::<Option<Vec<_>>>()?.concat());
            }
        }
        if let Some(members) = fields.get("allOf") {
            for member in members.as_array()? {
                groups.push(self.forms(member, within)?);
            }
        }
        let mut product = vec![vec![fields]];
        for group in groups {
            let forms = product.len().saturating_mul(group.len());
            let parts = |forms: &[Vec<&Fields>]| forms.iter().map(Vec::len).sum::<usize>();
            let copies = (parts(&product).saturating_mul(group.len()))
                .saturating_add(parts(&group).saturating_mul(product.len()));
            if forms > MOST || !self.effort.spend(copies) {
                return None;
            }
            let with = |parts: &Vec<&'a Fields>, more: &Vec<&'a Fields>| {
                parts.iter().chain(more).copied().collect::<Vec<_>>()
            };
            let pairs = product.iter().flat_map(|parts| {
                let group = group.iter();
                group.map(move |more| with(parts, more))
            });
            product = pairs.collect();
        }
        Some(product)
    }

    /// Returns the objects that a schema allows; `None` if it allows anything else.
    fn forms(&self, schema: &'a Value, within: &mut Vec<&'a str>) -> Option<Vec<Vec<&'a Fields>>> {
        let mut forms = Vec::new();
        for shape in self.read(schema, within) {
            if forms.len() > MOST {
                return None;
            }
            match shape {
                Shape::Object(parts) => forms.push(parts),
                Shape::Named(name) => forms.extend(self.named_forms(name, within)?),
                _ => return None,
            }
        }
        (forms.len() <= MOST).then_some(forms)
    }

    fn named_forms(
        &self,
        name: &'a str,
        within: &mut Vec<&'a str>,
    ) -> Option<Vec<Vec<&'a Fields>>> {
        let schema = self.named(name)?;
        if within.contains(&name) {
            return None;
        }
        if within.len() >= MAX_PARTS {
            self.effort.exceed(Limit::Parts);
            return None;
        }
        within.push(name);
        let forms = self.forms(schema, within);
        within.pop();
        forms
    }

    fn reference(&self, fields: &'a Fields) -> Option<&'a str> {
        fields.get("$ref")?.as_str()?.strip_prefix(self.prefix)
    }
}

/// Returns the range of an integer. A bound is `None` if there is no limit.
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

/// Fields of an object that consists of several parts.
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

    /// Returns all schemas of a field.
    pub(super) fn property(&self, name: &str) -> Vec<&'a Value> {
        let parts = self.0.iter();
        parts
            .filter_map(|part| part.get("properties")?.as_object()?.get(name))
            .collect()
    }

    /// Returns the constraint on additional fields.
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

    /// Returns `true` if the parts disagree on additional fields, or if one part restricts a field that another names.
    pub(super) fn is_unclear(&self) -> bool {
        let names = ["additionalProperties", "unevaluatedProperties"];
        let parts = self.0.iter();
        let said = parts.flat_map(|part| names.iter().filter_map(|name| part.get(*name)));
        let mut said: Vec<_> = said.filter(|said| **said != Value::Bool(true)).collect();
        said.dedup();
        said.len() > 1 || self.0.iter().any(|part| self.is_narrow(part))
    }

    /// Returns `true` if a part restricts fields that it does not name but another part does.
    fn is_narrow(&self, part: &Fields) -> bool {
        let limits = ["additionalProperties", "patternProperties"];
        let is_limit = |said: &Value| *said != Value::Bool(true);
        let is_limited = limits
            .iter()
            .any(|name| part.get(*name).is_some_and(is_limit));
        let own = part.get("properties").and_then(Value::as_object);
        let has = |name: &&str| own.is_some_and(|own| own.contains_key(*name));
        is_limited && self.names().iter().any(|name| !has(name))
    }

    /// Returns the pattern properties, such as those of a map with numbers as keys.
    pub(super) fn patterns(&self) -> Vec<(&'a str, &'a Value)> {
        let parts = self.0.iter();
        let patterns = parts.filter_map(|part| part.get("patternProperties")?.as_object());
        let mut patterns: Vec<_> = patterns
            .flatten()
            .map(|(pattern, schema)| (pattern.as_str(), schema))
            .collect();
        patterns.sort_by_key(|(pattern, _)| *pattern);
        patterns
    }

    /// Returns the remaining constraints, which are compared literally.
    pub(super) fn rest(&self) -> Vec<(&'a str, &'a Value)> {
        const READ: [&str; 10] = [
            "type",
            "properties",
            "patternProperties",
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

    /// Returns the fields that identify the alternative: required fields with a constant value.
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

/// Constraint on additional fields.
pub(super) enum Additional<'a> {
    /// Additional fields are ignored, and no sender includes any.
    Ignored,
    /// Additional fields are rejected.
    None,
    Fitting(&'a Value),
}
