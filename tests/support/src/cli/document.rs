//! Schema documents without the runtime's traits.

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};

/// A builder of a schema document from Rust types.
#[derive(Debug)]
pub struct Document {
    sent: SchemaGenerator,
    accepted: SchemaGenerator,
    /// The namespaces, in the form of the document.
    pub namespaces: Vec<Value>,
}

impl Default for Document {
    /// Creates a document without namespaces.
    fn default() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into())
        };
        let accepted = settings("/definitions/accepted").for_deserialize();
        Self {
            sent: settings("/definitions/sent")
                .for_serialize()
                .into_generator(),
            accepted: accepted.into_generator(),
            namespaces: Vec::new(),
        }
    }
}

impl Document {
    /// Returns the data of an acknowledgement or error that a server sends.
    pub fn sent<T: JsonSchema>(&mut self) -> Value {
        json!({ "sent": self.sent.subschema_for::<T>() })
    }

    /// Returns the data of an acknowledgement or payload that a server accepts.
    pub fn accepted<T: JsonSchema>(&mut self) -> Value {
        json!({ "accepted": self.accepted.subschema_for::<T>() })
    }

    /// Returns an argument that a server sends.
    pub fn sent_argument<T: JsonSchema>(&mut self, name: &str) -> Value {
        json!({ "name": name, "sent": self.sent.subschema_for::<T>() })
    }

    /// Returns an argument that a server accepts.
    pub fn accepted_argument<T: JsonSchema>(&mut self, name: &str) -> Value {
        json!({ "name": name, "accepted": self.accepted.subschema_for::<T>() })
    }

    /// Returns the TypeScript module of the document.
    pub fn typescript(self) -> Result<String, String> {
        let schema = self.schema()?;
        let module = sio_types_cli::typescript::print(&schema);
        let module = module.map_err(|error| error.to_string())?;
        Ok(module.text)
    }

    /// Returns the document as the generators read it.
    pub fn schema(mut self) -> Result<sio_types_schema::Schema, String> {
        let document = json!({
            "sioTypes": 1,
            "namespaces": self.namespaces,
            "definitions": {
                "sent": self.sent.take_definitions(true),
                "accepted": self.accepted.take_definitions(true),
            },
        });
        let schema = sio_types_schema::Schema::from_json(&document.to_string());
        schema.map_err(|error| error.to_string())
    }
}

/// Returns an event without documentation.
pub fn event(name: &str, arguments: Vec<Value>, acknowledgement: Option<Value>) -> Value {
    let mut event = json!({ "name": name, "method": name, "arguments": arguments });
    if let Some(acknowledgement) = acknowledgement {
        event["acknowledgement"] = acknowledgement;
    }
    event
}
