//! Corrections to schemas, for serde attributes that schemars does not describe. `#[payload]` notes them in the schema.

use serde_json::{Map, Value, json};
use sio_types_schema::keys;

use super::generators::Direction;

/// Lists the variant names of an enum that only has unit variants, and keeps the documentation of each.
pub fn list_names(schema: &mut schemars::Schema) {
    let Some(Value::Array(variants)) = schema.get("oneOf") else {
        return;
    };
    let mut names = Vec::new();
    for variant in variants {
        match (variant.get("const"), variant.get("enum")) {
            (Some(name @ Value::String(_)), _) => names.push(name.clone()),
            (_, Some(Value::Array(more))) => names.extend(more.iter().cloned()),
            _ => return,
        }
    }
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("enum".to_owned(), names.into());
}

/// Corrects a schema and all schemas in it.
pub(super) fn apply(schema: &mut Map<String, Value>, direction: Direction) {
    tag(schema, direction);
    required(schema, direction);
    optional(schema, direction);
    unit(schema, direction);
    for value in schema.values_mut() {
        apply_within(value, direction);
    }
}

fn apply_within(value: &mut Value, direction: Direction) {
    match value {
        Value::Object(fields) => apply(fields, direction),
        Value::Array(values) => {
            for value in values {
                apply_within(value, direction);
            }
        }
        _ => {}
    }
}

/// Describes the tag of a struct: always present when sent, and ignored when accepted.
fn tag(fields: &mut Map<String, Value>, direction: Direction) {
    let Some(Value::Array(note)) = fields.remove(keys::TAG) else {
        return;
    };
    let [Value::String(tag), name] = note.as_slice() else {
        return;
    };
    let properties = fields.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        properties.insert(tag.clone(), json!({ "type": "string", "const": name }));
    }
    if direction == Direction::Sent
        && let Value::Array(required) = fields.entry("required").or_insert_with(|| json!([]))
    {
        required.insert(0, json!(tag));
    }
}

/// Marks fields as optional that may be missing when accepted.
fn optional(fields: &mut Map<String, Value>, direction: Direction) {
    let Some(Value::Object(properties)) = fields.get_mut("properties") else {
        return;
    };
    let mut noted = Vec::new();
    for (name, property) in properties {
        let note = property
            .as_object_mut()
            .and_then(|it| it.remove(keys::OPTIONAL));
        if note.is_some() {
            noted.push(Value::from(name.as_str()));
        }
    }
    if direction == Direction::Accepted
        && let Some(Value::Array(required)) = fields.get_mut("required")
    {
        required.retain(|name| !noted.contains(name));
    }
}

/// Describes a variant without content, for which schemars assumes content.
fn unit(fields: &mut Map<String, Value>, direction: Direction) {
    let sent = fields.remove(keys::UNIT_SENT);
    let accepted = fields.remove(keys::UNIT_ACCEPTED);
    let note = if direction == Direction::Sent {
        sent
    } else {
        accepted
    };
    let Some(Value::String(form)) = note else {
        return;
    };
    match form.strip_prefix("adjacent ") {
        // serde writes no content, but expects `null` when it reads.
        Some(content) if direction == Direction::Accepted => {
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                properties.insert(content.to_owned(), json!({ "type": "null" }));
            }
        }
        Some(content) => {
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                properties.remove(content);
            }
            if let Some(Value::Array(required)) = fields.get_mut("required") {
                required.retain(|name| name != content);
            }
        }
        None => {
            let properties = fields.remove("properties");
            let name = properties
                .as_ref()
                .and_then(Value::as_object)
                .and_then(|it| it.keys().next());
            let unit = match name {
                Some(name) if form == "external" => json!({ "type": "string", "const": name }),
                _ => json!({ "type": "null" }),
            };
            let docs = fields
                .remove("description")
                .map(|docs| ("description".to_owned(), docs));
            *fields = unit.as_object().cloned().unwrap_or_default();
            fields.extend(docs);
        }
    }
}

/// Sets the number of elements that an accepted tuple must have.
fn required(fields: &mut Map<String, Value>, direction: Direction) {
    let Some(required) = fields.remove(keys::REQUIRED) else {
        return;
    };
    if direction == Direction::Sent {
        return;
    }
    if let Some(tuple) = fields.values_mut().find_map(tuple) {
        tuple.insert("minItems".to_owned(), required);
    } else if fields.contains_key("prefixItems") {
        fields.insert("minItems".to_owned(), required);
    }
}

/// Finds the tuple in a schema; the tuple of an enum variant is inside an object.
fn tuple(schema: &mut Value) -> Option<&mut Map<String, Value>> {
    let fields = schema.as_object_mut()?;
    if fields.contains_key("prefixItems") {
        return Some(fields);
    }
    fields.values_mut().find_map(tuple)
}
