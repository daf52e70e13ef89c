//! Reading and writing documents.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{document::Schema, error::SchemaError};

impl Schema {
    /// Version of the document's format that this crate reads and writes.
    pub const VERSION: u32 = 1;

    /// Parses a document.
    ///
    /// # Errors
    ///
    /// Returns [`SchemaError::Json`] if the text is not a schema document, and [`SchemaError::Version`] if the document
    /// has another version than [`VERSION`](Self::VERSION).
    pub fn from_json(json: &str) -> Result<Self, SchemaError> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "sioTypes")]
            version: u32,
        }
        // The version is checked first, so that a newer document is reported as such, and not as one with a missing
        // field.
        let head: Head = serde_json::from_str(json)?;
        if head.version != Self::VERSION {
            return Err(SchemaError::Version(head.version));
        }
        Ok(serde_json::from_str(json)?)
    }

    /// Returns the document as indented JSON. The same schema always has the same text.
    pub fn to_json(&self) -> String {
        // `Value` has sorted maps, so the text does not depend on the order in which a schema was built.
        let document = serde_json::to_value(self).map(sorted).unwrap_or_default();
        format!("{document:#}\n")
    }
}

/// Sorts the keys of maps. `serde_json` sorts them itself unless another crate enables its feature `preserve_order`.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<_, _> = map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
