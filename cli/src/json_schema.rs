//! Functions and constants that all readers of JSON Schemas share.

use std::collections::HashSet;

use serde_json::{Map, Value};
use sio_types_schema::keys;

/// Keywords that describe a schema and do not constrain its values.
pub(crate) const ANNOTATIONS: [&str; 11] = [
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

/// Keywords that combine schemas.
pub(crate) const COMBINATORS: [&str; 4] = ["$ref", "oneOf", "anyOf", "allOf"];

/// Returns `true` if a keyword does not constrain values: one of [`ANNOTATIONS`], or an extension.
pub(crate) fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

/// Returns `true` if a schema stands for binary data.
pub(crate) fn is_binary(schema: &Map<String, Value>) -> bool {
    schema.contains_key(keys::BINARY)
}

/// Returns the distinct names of types. Converting a type twice would convert all types within it twice, at every
/// level.
pub(crate) fn distinct_types(types: &[Value]) -> Vec<&str> {
    let mut known = HashSet::new();
    let names = types.iter().filter_map(Value::as_str);
    names.filter(|ty| known.insert(*ty)).collect()
}
