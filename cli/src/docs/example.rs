//! Example values for schemas.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use schemars::Schema as JsonSchema;
use serde_json::{Map, Value, json};

use crate::json_schema::is_binary;

/// Maximum nesting of types. Recursive types end at this depth.
const DEEPEST: usize = 12;

/// Maximum number of values of an example. A type that refers to itself in several places grows with every level, and a
/// schema may require any number of items.
const MOST: usize = 1000;

/// Maximum length of a string in characters.
const LONGEST: usize = 1000;

/// Maximum number of parts of all examples on a page. Parts are values, and schemas that are read for them.
const MAX_PAGE_PARTS: usize = 1_000_000;

/// Remaining number of parts for the examples of a page; `None` once an example needed more. The page marks that
/// example and all following ones as omitted.
#[derive(Debug)]
pub(super) struct Budget(Cell<Option<usize>>);

impl Default for Budget {
    fn default() -> Self {
        Self::new(MAX_PAGE_PARTS)
    }
}

impl Budget {
    pub(super) fn new(parts: usize) -> Self {
        Self(Cell::new(Some(parts)))
    }

    fn spend(&self, parts: usize) -> Option<()> {
        let left = self.0.get().and_then(|left| left.checked_sub(parts));
        self.0.set(left);
        left.map(|_| ())
    }

    fn is_exceeded(&self) -> bool {
        self.0.get().is_none()
    }
}

/// Marker of an omitted example: it is too long, or the page's budget is used up.
pub(super) const OMITTED: &str = "$omitted";

/// Marker of binary data, which JSON does not support. The bytes are in base64.
pub(super) const BINARY: &str = "$binary";

/// Definitions that schemas of one direction refer to.
#[derive(Clone, Copy)]
pub(super) struct Examples<'a> {
    definitions: &'a BTreeMap<String, JsonSchema>,
    budget: &'a Budget,
}

impl<'a> Examples<'a> {
    pub(super) fn new(definitions: &'a BTreeMap<String, JsonSchema>, budget: &'a Budget) -> Self {
        Self {
            definitions,
            budget,
        }
    }

    /// Returns an example value for a named schema: `null` if the schema is unknown, and `OMITTED` if it is too long.
    pub(super) fn of(self, schema: &Value, name: &str) -> Value {
        let is_cut = Cell::new(false);
        let example = Example {
            definitions: self.definitions,
            budget: self.budget,
            depth: 0,
            left: &Cell::new(MOST),
            is_cut: &is_cut,
        };
        let value = example.value(schema, name);
        let is_too_long = value.is_none() && is_cut.get();
        if is_too_long || self.budget.is_exceeded() {
            return json!({ OMITTED: true });
        }
        value.unwrap_or_default()
    }
}

/// Part of an example.
#[derive(Clone, Copy)]
struct Example<'a> {
    definitions: &'a BTreeMap<String, JsonSchema>,
    budget: &'a Budget,
    depth: usize,
    /// Number of values that may still be added.
    left: &'a Cell<usize>,
    /// `true` if a part is omitted because the example is too deep or has too many values.
    is_cut: &'a Cell<bool>,
}

impl<'a> Example<'a> {
    fn value(self, schema: &Value, name: &str) -> Option<Value> {
        self.budget.spend(1)?;
        let Some(left) = self.left.get().checked_sub(1) else {
            self.is_cut.set(true);
            return None;
        };
        self.left.set(left);
        let Value::Object(fields) = schema else {
            return (*schema != Value::Bool(false)).then(|| Value::Object(Map::new()));
        };
        if self.depth > DEEPEST {
            self.is_cut.set(true);
            return None;
        }
        let deeper = Self {
            depth: self.depth + 1,
            ..self
        };
        deeper.said(fields).or_else(|| deeper.made(fields, name))
    }

    /// Returns the value that the schema itself provides.
    fn said(self, fields: &Map<String, Value>) -> Option<Value> {
        if is_binary(fields) {
            return Some(json!({ BINARY: "AQID" }));
        }
        let first = |key: &str| fields.get(key).and_then(Value::as_array)?.first().cloned();
        let value = fields.get("const").cloned();
        let value = value
            .or_else(|| first("enum"))
            .or_else(|| first("examples"))?;
        self.budget.spend(weight(&value))?;
        Some(value)
    }

    /// Builds a value from its parts: the first of the alternatives, and all schemas of a combination.
    fn made(self, fields: &Map<String, Value>, name: &str) -> Option<Value> {
        let mut parts = Vec::new();
        if let Some(Value::String(reference)) = fields.get("$ref") {
            parts.push(self.value(self.definition(reference)?, name)?);
        }
        for combinator in ["oneOf", "anyOf"] {
            if let Some(Value::Array(members)) = fields.get(combinator) {
                self.budget.spend(members.len())?;
                let is_null = |member: &&Value| member["type"] == "null";
                let (null, full): (Vec<_>, Vec<_>) = members.iter().partition(is_null);
                let mut members = full.into_iter().chain(null);
                parts.push(members.find_map(|member| self.value(member, name))?);
            }
        }
        if let Some(Value::Array(members)) = fields.get("allOf") {
            for member in members {
                parts.push(self.value(member, name)?);
            }
        }
        if parts.is_empty() || fields.contains_key("properties") {
            parts.push(self.typed(fields, name)?);
        }
        parts.into_iter().reduce(both)
    }

    fn typed(self, fields: &Map<String, Value>, name: &str) -> Option<Value> {
        let ty = match fields.get("type") {
            Some(Value::Array(types)) => {
                let full = types.iter().find(|ty| *ty != "null");
                full.and_then(Value::as_str).unwrap_or("null")
            }
            Some(ty) => ty.as_str()?,
            None if fields.contains_key("properties") => "object",
            None if fields.contains_key("prefixItems") => "array",
            None => return Some(Value::Object(Map::new())),
        };
        Some(match ty {
            "null" => Value::Null,
            "boolean" => true.into(),
            "integer" | "number" => number(fields, ty),
            "string" => {
                let text = text(fields, name);
                self.budget.spend(text.len() / 32)?;
                text.into()
            }
            "array" => self.array(fields)?,
            _ => self.object(fields)?,
        })
    }

    fn array(self, fields: &Map<String, Value>) -> Option<Value> {
        if let Some(Value::Array(items)) = fields.get("prefixItems") {
            let items = items.iter().map(|item| self.value(item, ""));
            return items.collect::<Option<Vec<_>>>().map(Value::Array);
        }
        let least = fields.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let item = || fields.get("items").and_then(|item| self.value(item, ""));
        let items: Option<Vec<_>> = (0..least.max(1)).map(|_| item()).collect();
        // A recursive type ends with an empty list.
        let items = items.or_else(|| (least == 0).then(Vec::new));
        items.map(Value::Array)
    }

    fn object(self, fields: &Map<String, Value>) -> Option<Value> {
        let required = fields.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        let required: HashSet<_> = required.collect();
        self.budget.spend(required.len())?;
        let mut object = Map::new();
        if let Some(Value::Object(properties)) = fields.get("properties") {
            for (name, schema) in properties {
                self.budget.spend(1 + name.len() / 32)?;
                match self.value(schema, name) {
                    Some(value) => _ = object.insert(name.clone(), value),
                    None if required.contains(&**name) => return None,
                    None => {}
                }
            }
        }
        let others = fields.get("additionalProperties");
        if let Some(schema) = others.filter(|schema| schema.is_object())
            && let Some(value) = self.value(schema, "")
        {
            object.insert("key".to_owned(), value);
        }
        Some(Value::Object(object))
    }

    fn definition(self, reference: &str) -> Option<&'a Value> {
        let name = reference.rsplit('/').next()?;
        self.definitions.get(name).map(JsonSchema::as_value)
    }
}

/// Returns the number of parts of a value. A long text has more than one.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / 32,
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| name.len() / 32 + weight(value));
            1 + fields.sum::<usize>()
        }
        _ => 1,
    }
}

fn both(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            left.extend(right);
            Value::Object(left)
        }
        (Value::Object(empty), other) | (other, Value::Object(empty)) if empty.is_empty() => other,
        (left, _) => left,
    }
}

fn number(fields: &Map<String, Value>, ty: &str) -> Value {
    let bound = |key: &str| fields.get(key).and_then(Value::as_f64);
    let fits = |value: f64| {
        bound("minimum").is_none_or(|least| value >= least)
            && bound("maximum").is_none_or(|most| value <= most)
    };
    let first = if ty == "integer" {
        json!(1)
    } else {
        json!(1.5)
    };
    if first.as_f64().is_some_and(fits) {
        return first;
    }
    let bounds = ["minimum", "maximum"]
        .iter()
        .find_map(|key| fields.get(*key));
    bounds.cloned().unwrap_or(first)
}

/// Returns a string. The name of a field makes a better example than arbitrary text.
fn text(fields: &Map<String, Value>, name: &str) -> String {
    let format = fields.get("format").and_then(Value::as_str);
    let text = match format.unwrap_or_default() {
        "uuid" => "67e55044-10b1-426f-9247-bb680e5fe0c8",
        "date-time" => "2026-01-31T12:30:00Z",
        "partial-date-time" => "2026-01-31T12:30:00",
        "date" => "2026-01-31",
        "time" | "partial-time" => "12:30:00",
        "ipv4" | "ip" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" => "https://example.com/",
        "email" => "ada@example.com",
        "duration" => "PT1M",
        _ if name.is_empty() => "text",
        _ => name,
    };
    let longest = fields.get("maxLength").and_then(Value::as_u64);
    let shortest = fields.get("minLength").and_then(Value::as_u64).unwrap_or(0);
    let longest = longest.and_then(|most| usize::try_from(most).ok());
    let shortest = usize::try_from(shortest).unwrap_or(LONGEST).min(LONGEST);
    let text = text.chars().take(longest.unwrap_or(usize::MAX));
    let missing = shortest.saturating_sub(text.clone().count());
    text.chain(std::iter::repeat_n('x', missing)).collect()
}
