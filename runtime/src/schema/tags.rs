//! Tags of structs: `#[serde(tag = "…")]` on a struct, of which schemars says nothing.

use serde_json::{Value, json};

use super::generators::Direction;

/// Turns the note that `#[payload]` has made into a property: always there when sent, and of no interest when
/// accepted.
pub(super) fn complete(schema: &mut Value, direction: Direction) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let Some(Value::Array(note)) = object.remove("x-sio-tag") else {
        return;
    };
    let [Value::String(tag), name] = note.as_slice() else {
        return;
    };
    let properties = object.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        properties.insert(tag.clone(), json!({ "type": "string", "const": name }));
    }
    if direction == Direction::Sent
        && let Value::Array(required) = object.entry("required").or_insert_with(|| json!([]))
    {
        required.insert(0, json!(tag));
    }
}
