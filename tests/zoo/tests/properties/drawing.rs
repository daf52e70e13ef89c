//! Draws values that fit a JSON Schema of the kind that describes payloads.

use arbitrary::{Arbitrary, Error, Result, Unstructured};
use serde_json::{Map, Value, json};

/// Maximum nesting of a value.
const DEEPEST: usize = 12;

/// A source of values.
pub(crate) struct Drawing<'a, 'b> {
    /// The document that `$ref` points into.
    pub(crate) document: &'a Value,
    pub(crate) source: &'a mut Unstructured<'b>,
    pub(crate) depth: usize,
}

impl Drawing<'_, '_> {
    /// Draws a value that fits the schema.
    pub(crate) fn draw(&mut self, schema: &Value) -> Result<Value> {
        if self.depth == DEEPEST {
            return Err(Error::NotEnoughData);
        }
        self.depth += 1;
        let value = match schema {
            Value::Object(fields) => self.one_of_type(fields),
            // No value fits.
            Value::Bool(false) => Err(Error::NotEnoughData),
            _ => self.anything(),
        };
        self.depth -= 1;
        value
    }

    fn one_of_type(&mut self, fields: &Map<String, Value>) -> Result<Value> {
        if fields.get("not") == Some(&json!({})) {
            return Err(Error::NotEnoughData);
        }
        if let Some(value) = fields.get("const") {
            return Ok(value.clone());
        }
        if let Some(Value::Array(values)) = fields.get("enum") {
            return self.source.choose(values).cloned();
        }
        let parts = self.parts(fields)?;
        let is_object =
            fields.get("type") == Some(&json!("object")) || fields.contains_key("properties");
        if is_object {
            let mut object = self.object(fields)?;
            for part in parts {
                let Value::Object(part) = part else {
                    panic!("an object is also {part}");
                };
                object.extend(part);
            }
            return Ok(object.into());
        }
        if let Some(part) = parts.into_iter().next() {
            return Ok(part);
        }
        match fields.get("type") {
            Some(Value::Array(types)) => {
                let ty = self.source.choose(types)?.clone();
                self.of_type(&ty, fields)
            }
            Some(ty) => self.of_type(ty, fields),
            None => self.anything(),
        }
    }

    /// Draws one value for each schema that this one is combined with.
    fn parts(&mut self, fields: &Map<String, Value>) -> Result<Vec<Value>> {
        let mut parts = Vec::new();
        if let Some(Value::String(reference)) = fields.get("$ref") {
            let pointer = reference.trim_start_matches('#');
            let schema = self.document.pointer(pointer).expect(reference);
            parts.push(self.draw(schema)?);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(schemas)) = fields.get(key) {
                let schema = self.source.choose(schemas)?;
                parts.push(self.draw(schema)?);
            }
        }
        if let Some(Value::Array(schemas)) = fields.get("allOf") {
            for schema in schemas {
                parts.push(self.draw(schema)?);
            }
        }
        Ok(parts)
    }

    fn of_type(&mut self, ty: &Value, fields: &Map<String, Value>) -> Result<Value> {
        match ty.as_str().expect("a type has a name") {
            "null" => Ok(Value::Null),
            "boolean" => Ok(bool::arbitrary(self.source)?.into()),
            "integer" => self.integer(fields),
            "number" => self.number(fields),
            "string" => self.text(fields),
            "array" => self.array(fields),
            other => panic!("no value of the type {other} can be drawn"),
        }
    }

    fn integer(&mut self, fields: &Map<String, Value>) -> Result<Value> {
        const SAFE: i64 = 9_007_199_254_740_991;
        let bits = fields.get("format").and_then(Value::as_str);
        let (least, most) = match bits {
            Some("int8") => (i8::MIN.into(), i8::MAX.into()),
            Some("int16") => (i16::MIN.into(), i16::MAX.into()),
            Some("int32") => (i32::MIN.into(), i32::MAX.into()),
            Some("uint8") => (0, u8::MAX.into()),
            Some("uint16") => (0, u16::MAX.into()),
            Some("uint32") => (0, u32::MAX.into()),
            Some("uint" | "uint64") => (0, SAFE),
            _ => (-SAFE, SAFE),
        };
        let bound = |key: &str| fields.get(key).and_then(Value::as_i64);
        let (least, most) = (
            bound("minimum").unwrap_or(least),
            bound("maximum").unwrap_or(most),
        );
        let number = self.source.int_in_range(least..=most)?;
        let is_forbidden = fields.get("not") == Some(&json!({ "const": number }));
        Ok(if is_forbidden {
            1.into()
        } else {
            number.into()
        })
    }

    fn number(&mut self, fields: &Map<String, Value>) -> Result<Value> {
        let is_single = fields.get("format") == Some(&json!("float"));
        let number = match is_single {
            true => f32::arbitrary(self.source)?.into(),
            false => f64::arbitrary(self.source)?,
        };
        Ok(if number.is_finite() {
            json!(number)
        } else {
            json!(0.5)
        })
    }

    fn text(&mut self, fields: &Map<String, Value>) -> Result<Value> {
        if let Some(format) = fields.get("format").and_then(Value::as_str) {
            return Ok(self.formatted(format)?.into());
        }
        if let Some(pattern) = fields.get("pattern").and_then(Value::as_str) {
            return Ok(self.matching(pattern)?.into());
        }
        if fields.get("maxLength") == Some(&json!(1)) {
            return Ok(char::arbitrary(self.source)?.to_string().into());
        }
        Ok(String::arbitrary(self.source)?.into())
    }

    fn matching(&mut self, pattern: &str) -> Result<String> {
        match pattern {
            r"^\d+$" => Ok(u8::arbitrary(self.source)?.to_string()),
            r"^-?\d+$" | "^-?[0-9]+$" => Ok(u32::arbitrary(self.source)?.to_string()),
            other => panic!("no text that matches `{other}` can be drawn"),
        }
    }

    fn formatted(&mut self, format: &str) -> Result<String> {
        let mut below = |most: u32| self.source.int_in_range(0..=most - 1);
        let date = format!(
            "{:04}-{:02}-{:02}",
            1970 + below(100)?,
            1 + below(12)?,
            1 + below(28)?
        );
        let time = format!("{:02}:{:02}:{:02}", below(24)?, below(60)?, below(60)?);
        let byte = below(256)?;
        Ok(match format {
            "date" => date,
            "partial-time" => time,
            "partial-date-time" => format!("{date}T{time}"),
            "date-time" => format!("{date}T{time}Z"),
            "uuid" => format!("00000000-0000-0000-0000-0000000000{byte:02x}"),
            "uri" => format!("https://example.org/{byte}"),
            "ip" | "ipv4" => format!("10.0.0.{byte}"),
            "ipv6" => format!("::{byte:x}"),
            other => panic!("no text in the format `{other}` can be drawn"),
        })
    }

    fn array(&mut self, fields: &Map<String, Value>) -> Result<Value> {
        let size = |key: &str| {
            fields
                .get(key)
                .and_then(Value::as_u64)
                .map(|size| size as usize)
        };
        let first = match fields.get("prefixItems") {
            Some(Value::Array(items)) => items.as_slice(),
            _ => &[],
        };
        let rest = fields.get("items").filter(|items| **items != json!(false));
        let least = size("minItems").unwrap_or(0);
        let longest = if rest.is_some() {
            least + 3
        } else {
            first.len()
        };
        let most = size("maxItems").unwrap_or(longest).min(longest.max(least));
        let length = self.source.int_in_range(least..=most)?;
        let is_set = fields.get("uniqueItems") == Some(&json!(true));
        let mut items = Vec::new();
        for index in 0..length {
            let schema = first.get(index).or(rest).expect("a schema for every item");
            let item = self.draw(schema)?;
            if !is_set || !items.contains(&item) {
                items.push(item);
            }
        }
        Ok(items.into())
    }

    fn object(&mut self, fields: &Map<String, Value>) -> Result<Map<String, Value>> {
        let required = fields.get("required").and_then(Value::as_array);
        let is_required =
            |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
        let mut object = Map::new();
        if let Some(Value::Object(properties)) = fields.get("properties") {
            for (name, schema) in properties {
                if is_required(name) || bool::arbitrary(self.source)? {
                    object.insert(name.clone(), self.draw(schema)?);
                }
            }
        }
        if let Some(Value::Object(patterns)) = fields.get("patternProperties") {
            for (pattern, schema) in patterns {
                object.insert(self.matching(pattern)?, self.draw(schema)?);
            }
        }
        match fields.get("additionalProperties") {
            None | Some(Value::Bool(false)) => {}
            Some(schema) => {
                for _ in 0..self.source.int_in_range(0..=2)? {
                    // A name that no property of the zoo has.
                    let name = format!("+{}", String::arbitrary(self.source)?);
                    object.insert(name, self.draw(schema)?);
                }
            }
        }
        Ok(object)
    }

    fn anything(&mut self) -> Result<Value> {
        Ok(match u8::arbitrary(self.source)? % 4 {
            0 => Value::Null,
            1 => bool::arbitrary(self.source)?.into(),
            2 => u32::arbitrary(self.source)?.into(),
            _ => json!([String::arbitrary(self.source)?]),
        })
    }
}
