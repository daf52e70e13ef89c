//! Conversion of JSON Schema to validators, for one direction.

use serde_json::{Map, Value};

use super::{Printer, schema_name};
use crate::json_schema::{distinct_types, is_binary};
use crate::typescript::definitions::binary_name;
use crate::typescript::direction::Direction;
use crate::typescript::objects;
use crate::typescript::shapes::{LONGEST_TUPLE, definition_name};
use crate::typescript::syntax::{key, string};

type Fields = Map<String, Value>;

impl Printer<'_> {
    pub(super) fn validator(&self, schema: &Value, direction: Direction, indent: usize) -> String {
        match schema {
            Value::Bool(false) => "z.never()".to_owned(),
            Value::Object(fields) => self.of_fields(fields, direction, indent),
            _ => "z.unknown()".to_owned(),
        }
    }

    fn of_fields(&self, fields: &Fields, direction: Direction, indent: usize) -> String {
        if is_binary(fields) {
            return binary(fields, direction);
        }
        if let Some(value) = fields.get("const") {
            return literal(value);
        }
        if let Some(Value::Array(values)) = fields.get("enum") {
            return union(values.iter().map(literal).collect());
        }
        if objects::is_combined(fields) {
            return self.combined(fields, direction, indent);
        }
        if let Some(Value::String(reference)) = fields.get("$ref") {
            return self.reference(reference, direction);
        }
        for combinator in ["oneOf", "anyOf", "allOf"] {
            if let Some(Value::Array(members)) = fields.get(combinator) {
                return self.alternatives(members, direction, indent);
            }
        }
        match fields.get("type") {
            Some(Value::String(ty)) => self.typed(ty, fields, direction, indent),
            Some(Value::Array(types)) => union(
                distinct_types(types)
                    .into_iter()
                    .map(|ty| self.typed(ty, fields, direction, indent))
                    .collect(),
            ),
            _ if fields.contains_key("properties") => self.object(fields, direction, indent),
            _ if fields.contains_key("prefixItems") => self.array(fields, direction, indent),
            _ if fields.contains_key("not") => "z.never()".to_owned(),
            _ => "z.unknown()".to_owned(),
        }
    }

    fn alternatives(&self, members: &[Value], direction: Direction, indent: usize) -> String {
        let members = members
            .iter()
            .map(|it| self.validator(it, direction, indent));
        union(members.collect())
    }

    /// Combines several constraints on one value, as with `#[serde(flatten)]`.
    fn combined(&self, fields: &Fields, direction: Direction, indent: usize) -> String {
        let mut parts = Vec::new();
        if ["properties", "additionalProperties", "patternProperties"]
            .iter()
            .any(|it| fields.contains_key(*it))
        {
            parts.push(self.object(fields, direction, indent));
        }
        if let Some(Value::String(reference)) = fields.get("$ref") {
            parts.push(self.reference(reference, direction));
        }
        for combinator in ["oneOf", "anyOf"] {
            if let Some(Value::Array(members)) = fields.get(combinator) {
                parts.push(self.alternatives(members, direction, indent));
            }
        }
        if let Some(Value::Array(members)) = fields.get("allOf") {
            parts.extend(
                members
                    .iter()
                    .map(|it| self.validator(it, direction, indent)),
            );
        }
        intersection(&parts)
    }

    fn reference(&self, reference: &str, direction: Direction) -> String {
        let name = self
            .definitions
            .name(&definition_name(reference), direction);
        let schema = schema_name(&name);
        if self.printed.contains(&name) {
            return schema;
        }
        format!("z.lazy((): z.ZodType<{name}> => {schema})")
    }

    fn typed(&self, ty: &str, fields: &Fields, direction: Direction, indent: usize) -> String {
        match ty {
            "null" => "z.null()".to_owned(),
            "boolean" => "z.boolean()".to_owned(),
            "string" => text(fields),
            "integer" => integer(fields),
            "number" => "z.number()".to_owned() + &limits(fields, "minimum", "maximum"),
            "array" => self.array(fields, direction, indent),
            _ => self.object(fields, direction, indent),
        }
    }

    fn array(&self, fields: &Fields, direction: Direction, indent: usize) -> String {
        let limits = || limits(fields, "minItems", "maxItems");
        if let Some(Value::Array(items)) = fields.get("prefixItems") {
            let items = items.iter().map(|it| self.validator(it, direction, indent));
            return format!("z.tuple([{}])", items.collect::<Vec<_>>().join(", "));
        }
        let item = fields.get("items");
        let item = item.map_or("z.unknown()".to_owned(), |it| {
            self.validator(it, direction, indent)
        });
        let count = |key| fields.get(key).and_then(Value::as_u64);
        match (count("minItems"), count("maxItems")) {
            // A tuple, if TypeScript has one for this type.
            (Some(least), Some(most)) if least == most && most <= LONGEST_TUPLE => {
                let items = (0..most).map(|_| item.clone());
                format!("z.tuple([{}])", items.collect::<Vec<_>>().join(", "))
            }
            _ => format!("z.array({item}){}", limits()),
        }
    }

    fn object(&self, fields: &Fields, direction: Direction, indent: usize) -> String {
        let others = self.other_values(fields, direction, indent);
        let properties = fields.get("properties").and_then(Value::as_object);
        let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
            return match others {
                Some((keys, values)) => format!("z.record({keys}, {values})"),
                None => format!("{}({{}})", kind_of_object(fields)),
            };
        };
        let required = fields.get("required").and_then(Value::as_array);
        let inner = "  ".repeat(indent + 1);
        let lines = properties.iter().map(|(name, schema)| {
            let validator = self.validator(schema, direction, indent + 1);
            let is_required = required.is_some_and(|names| names.iter().any(|it| it == name));
            let validator = match is_required {
                true => validator,
                false => format!("z.exactOptional({validator})"),
            };
            format!("{inner}{}: {validator},\n", key(name))
        });
        let (lines, end) = (lines.collect::<String>(), "  ".repeat(indent));
        let object = format!("{}({{\n{lines}{end}}})", kind_of_object(fields));
        match others {
            Some((_, values)) => format!("{object}.catchall({values})"),
            None => object,
        }
    }

    /// Returns the keys and the values that an object has beside its properties.
    fn other_values(
        &self,
        fields: &Fields,
        direction: Direction,
        indent: usize,
    ) -> Option<(String, String)> {
        let any_key = || "z.string()".to_owned();
        let of = |schema| self.validator(schema, direction, indent);
        if let Some(additional) = fields
            .get("additionalProperties")
            .filter(|it| **it != Value::Bool(false))
        {
            return Some((any_key(), of(additional)));
        }
        let patterns = fields.get("patternProperties")?.as_object()?;
        let values = patterns.values().map(of).collect();
        let keys = match &*patterns.keys().collect::<Vec<_>>() {
            [pattern] => format!("z.string().regex(new RegExp({}))", string(pattern)),
            _ => any_key(),
        };
        Some((keys, union(values)))
    }
}

/// Returns the kind of object validator. Fields that Rust rejects are rejected here, too.
fn kind_of_object(fields: &Fields) -> &'static str {
    match fields.get("additionalProperties") {
        Some(Value::Bool(false)) => "z.strictObject",
        _ => "z.object",
    }
}

fn binary(fields: &Fields, direction: Direction) -> String {
    let types = fields.get("type").and_then(Value::as_array);
    let nullable = types.is_some_and(|types| types.iter().any(|ty| ty == "null"));
    let name = binary_name(direction);
    let null = if nullable { ".nullable()" } else { "" };
    format!("z.custom<{name}>(isBinary){null}")
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "z.null()".to_owned(),
        Value::String(text) => format!("z.literal({})", string(text)),
        Value::Bool(_) | Value::Number(_) => format!("z.literal({value})"),
        _ => "z.unknown()".to_owned(),
    }
}

fn union(mut members: Vec<String>) -> String {
    let null = "z.null()";
    match &mut *members {
        [] => "z.never()".to_owned(),
        [only] => std::mem::take(only),
        [some, other] if other == null => format!("{some}.nullable()"),
        _ => format!("z.union([{}])", members.join(", ")),
    }
}

/// Returns the intersection of parts. The text is built from both ends; nesting the parts one by one would copy it each
/// time.
fn intersection(parts: &[String]) -> String {
    let [first, more @ ..] = parts else {
        return "z.unknown()".to_owned();
    };
    let mut text = "z.intersection(".repeat(more.len()) + first;
    for part in more {
        text.push_str(", ");
        text.push_str(part);
        text.push(')');
    }
    text
}

/// Returns the validator of a string. Rust counts characters, and JavaScript counts UTF-16 code units.
fn text(fields: &Fields) -> String {
    let length = |key: &str, than: &str| {
        let value = fields.get(key).and_then(Value::as_u64);
        value.map(|value| format!(".refine((text) => [...text].length {than} {value})"))
    };
    let limits = [length("minLength", ">="), length("maxLength", "<=")];
    "z.string()".to_owned() + &limits.into_iter().flatten().collect::<String>()
}

/// Returns the validator of an integer, limited to the range of the Rust type and of JavaScript's safe integers.
fn integer(fields: &Fields) -> String {
    let format = fields
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (least, most) = match format {
        "int8" => (i64::from(i8::MIN), i64::from(i8::MAX)),
        "int16" => (i64::from(i16::MIN), i64::from(i16::MAX)),
        "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        "uint8" => (0, i64::from(u8::MAX)),
        "uint16" => (0, i64::from(u16::MAX)),
        "uint32" => (0, i64::from(u32::MAX)),
        _ => return "z.int()".to_owned() + &limits(fields, "minimum", "maximum"),
    };
    let bound = |key: &str, default| fields.get(key).and_then(Value::as_i64).unwrap_or(default);
    format!(
        "z.int().min({}).max({})",
        bound("minimum", least),
        bound("maximum", most)
    )
}

fn limits(fields: &Fields, least: &str, most: &str) -> String {
    let limit = |key: &str, method: &str| {
        let value = fields.get(key).filter(|value| value.is_number());
        value
            .map(|value| format!(".{method}({value})"))
            .unwrap_or_default()
    };
    limit(least, "min") + &limit(most, "max")
}
