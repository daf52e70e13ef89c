//! JSON Schemas as the unions of alternatives that they are.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::effort::{Effort, Limit, MAX_PARTS};
use crate::json_schema::{ANNOTATIONS, COMBINATORS, distinct_types};

/// How many forms an object may have before they are not told apart.
const MOST: usize = 256;

pub(super) type Fields = Map<String, Value>;

/// The named types of one document, in one direction.
#[derive(Clone, Copy)]
pub(super) struct Definitions<'a> {
    pub(super) schemas: &'a BTreeMap<String, schemars::Schema>,
    /// What references to them start with.
    pub(super) prefix: &'static str,
    pub(super) effort: &'a Effort,
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
        self.read(schema, &mut Vec::new())
    }

    /// The alternatives that a named type stands for. Names among them are replaced by what they stand for, each once:
    /// a type may be an alternative of itself.
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
                // Many types that may each be `null` are `null` once.
                if !std::mem::replace(simple, true) {
                    shapes.push(shape);
                }
            }
        }
        shapes
    }

    /// `within` are the named types that are being put together: one that is among its own parts has no end.
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

    /// The objects that a schema allows which says several things at once, each as its parts; `None` if it allows
    /// anything else, or too many.
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

    /// The objects that a schema allows; `None` if it allows anything else.
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

    /// `true` if its parts say different things of fields that are not named, or one of them of what another names.
    pub(super) fn is_unclear(&self) -> bool {
        let names = ["additionalProperties", "unevaluatedProperties"];
        let parts = self.0.iter();
        let said = parts.flat_map(|part| names.iter().filter_map(|name| part.get(*name)));
        let mut said: Vec<_> = said.filter(|said| **said != Value::Bool(true)).collect();
        said.dedup();
        said.len() > 1 || self.0.iter().any(|part| self.is_narrow(part))
    }

    /// `true` if a part does not let every field be that the others name.
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

    /// What fields have to fit whose names fit a pattern, as those of a map with numbers as keys.
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

    /// What is said beyond that, which is compared as it stands.
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
