//! Reading and writing documents.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{document::Schema, error::SchemaError};

impl Schema {
    /// The version of the document's format that this crate reads and writes.
    pub const VERSION: u32 = 1;

    /// Reads a document.
    ///
    /// # Errors
    /// If the text is not a schema document, or one of another version.
    pub fn from_json(json: &str) -> Result<Self, SchemaError> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "sioTypes")]
            version: u32,
        }
        // The version goes first: a newer document should say so, and not that a field is missing.
        let head: Head = serde_json::from_str(json)?;
        if head.version != Self::VERSION {
            return Err(SchemaError::Version(head.version));
        }
        Ok(serde_json::from_str(json)?)
    }

    /// Writes the document, the same text for the same schema.
    pub fn to_json(&self) -> String {
        // By way of `Value`, whose maps are sorted, whatever order a schema was built in.
        let document = serde_json::to_value(self).map(sorted).unwrap_or_default();
        format!("{document:#}\n")
    }
}

/// Sorts the keys of maps. `serde_json` does so itself unless some crate of the build turns `preserve_order` on.
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
