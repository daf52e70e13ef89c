//! A schema document put together by hand.

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};

/// Builds a document from Rust types, without the runtime's traits.
pub(crate) struct Document {
    sent: SchemaGenerator,
    accepted: SchemaGenerator,
    pub(crate) namespaces: Vec<Value>,
}

impl Document {
    pub(crate) fn new() -> Self {
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

    pub(crate) fn sent<T: JsonSchema>(&mut self) -> Value {
        json!({ "sent": self.sent.subschema_for::<T>() })
    }

    pub(crate) fn accepted<T: JsonSchema>(&mut self) -> Value {
        json!({ "accepted": self.accepted.subschema_for::<T>() })
    }

    /// An argument as a server sends it.
    pub(crate) fn tells<T: JsonSchema>(&mut self, name: &str) -> Value {
        json!({ "name": name, "sent": self.sent.subschema_for::<T>() })
    }

    /// An argument as a server accepts it.
    pub(crate) fn asks<T: JsonSchema>(&mut self, name: &str) -> Value {
        json!({ "name": name, "accepted": self.accepted.subschema_for::<T>() })
    }

    /// The TypeScript of the document.
    pub(crate) fn typescript(self) -> Result<String, String> {
        let schema = self.schema()?;
        let module = sio_types_cli::typescript::print(&schema);
        let module = module.map_err(|error| error.to_string())?;
        Ok(module.text)
    }

    /// The document itself.
    pub(crate) fn schema(mut self) -> Result<sio_types_schema::Schema, String> {
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

/// An event without documentation.
pub(crate) fn event(name: &str, arguments: Vec<Value>, acknowledgement: Option<Value>) -> Value {
    let mut event = json!({ "name": name, "method": name, "arguments": arguments });
    if let Some(acknowledgement) = acknowledgement {
        event["acknowledgement"] = acknowledgement;
    }
    event
}
