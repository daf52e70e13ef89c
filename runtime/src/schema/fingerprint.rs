//! A short text that changes whenever what goes over the wire does.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{EventSetSchema, NamespaceSchema, PayloadSchema, Schema};

/// What a schema says for people, and not of values.
const ANNOTATIONS: [&str; 9] = [
    "$comment",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
    "x-sio-ts",
];

impl Schema {
    /// The fingerprint of the namespace of that path: 16 hexadecimal digits, the same for everybody who has the same
    /// events with the same payloads, and most certainly another where anything differs that a client sends or gets.
    ///
    /// Documentation does not count, nor what things are called in Rust: methods, arguments and types. See
    /// [`Fingerprints`](crate::Fingerprints) for what a server does with it.
    pub fn fingerprint(&self, path: &str) -> Option<String> {
        let namespace = self.namespaces.iter().find(|it| it.path == path)?;
        let mut canonical = Canonical {
            schema: self,
            numbers: BTreeMap::new(),
            definitions: Vec::new(),
        };
        let said = canonical.namespace(namespace);
        let text = json!([said, canonical.definitions]).to_string();
        Some(format!("{:016x}", fnv1a(text.as_bytes())))
    }
}

/// Writes schemas so that those of the same values have the same text.
struct Canonical<'a> {
    schema: &'a Schema,
    /// Types by the order in which they are come across: their names are Rust's own.
    numbers: BTreeMap<String, usize>,
    definitions: Vec<Value>,
}

impl Canonical<'_> {
    fn namespace(&mut self, namespace: &NamespaceSchema) -> Value {
        let parameters = namespace.parameters.iter();
        let parameters: Vec<_> = parameters
            .map(|parameter| json!([parameter.name, self.of(parameter.schema.as_value())]))
            .collect();
        json!([
            namespace.path,
            parameters,
            self.events(&namespace.server_to_client),
            self.events(&namespace.client_to_server),
            namespace.auth.as_ref().map(|auth| self.payload(auth)),
            namespace
                .connect_error
                .as_ref()
                .map(|error| self.payload(error)),
        ])
    }

    fn events(&mut self, set: &EventSetSchema) -> Vec<Value> {
        let mut events: Vec<_> = set.events.iter().collect();
        events.sort_by(|a, b| a.name.cmp(&b.name));
        let canonical = events.into_iter().map(|event| {
            let arguments = event.arguments.iter();
            let arguments: Vec<_> = arguments
                .map(|argument| json!([argument.optional, self.payload(&argument.payload)]))
                .collect();
            let answer = match &event.acknowledgement {
                None => Value::Null,
                Some(super::Acknowledgement::Unit) => json!([]),
                Some(super::Acknowledgement::Value { data }) => json!([self.payload(data)]),
                Some(super::Acknowledgement::Fallible { data, error }) => {
                    json!([self.payload(data), self.payload(error)])
                }
            };
            json!([event.name, arguments, answer])
        });
        canonical.collect()
    }

    fn payload(&mut self, payload: &PayloadSchema) -> Value {
        let mut of = |schema: &Option<schemars::Schema>| {
            let schema = schema.as_ref()?;
            Some(self.of(schema.as_value()))
        };
        json!([of(&payload.sent), of(&payload.accepted)])
    }

    fn of(&mut self, schema: &Value) -> Value {
        match schema {
            Value::Object(fields) => {
                // By way of a sorted map: some crate of the build may turn `preserve_order` on.
                let fields: BTreeMap<_, _> = fields
                    .iter()
                    .filter(|(key, _)| !ANNOTATIONS.contains(&key.as_str()))
                    .collect();
                let fields = fields.into_iter();
                let fields = fields.map(|(key, value)| (key.clone(), self.keyword(key, value)));
                Value::Object(fields.collect())
            }
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            other => other.clone(),
        }
    }

    fn keyword(&mut self, key: &str, value: &Value) -> Value {
        match (key, value) {
            ("const" | "enum", value) => value.clone(),
            ("required", Value::Array(names)) => {
                let mut names = names.clone();
                names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                names.into()
            }
            // Their keys are those of values, and not of the schema.
            ("properties" | "patternProperties", Value::Object(properties)) => {
                let properties: BTreeMap<_, _> = properties.iter().collect();
                let properties = properties.into_iter();
                let properties = properties.map(|(name, schema)| (name.clone(), self.of(schema)));
                Value::Object(properties.collect::<Map<_, _>>())
            }
            ("$ref", Value::String(reference)) => self.definition(reference).into(),
            (_, value) => self.of(value),
        }
    }

    fn definition(&mut self, reference: &str) -> usize {
        if let Some(number) = self.numbers.get(reference) {
            return *number;
        }
        let number = self.definitions.len();
        self.numbers.insert(reference.to_owned(), number);
        // Its place is taken before it is looked into: it may contain itself.
        self.definitions.push(Value::Null);
        let definitions = &self.schema.definitions;
        let mut parts = reference.rsplit('/');
        let (name, direction) = (parts.next().unwrap_or_default(), parts.next());
        let definitions = match direction {
            Some("accepted") => &definitions.accepted,
            _ => &definitions.sent,
        };
        if let Some(definition) = definitions.get(name) {
            self.definitions[number] = self.of(definition.as_value());
        }
        number
    }
}

/// [FNV-1a](https://www.rfc-editor.org/rfc/rfc9923) of 64 bits: the same on every machine and with every compiler, as
/// the standard library's is not. Nothing depends on it being hard to forge.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
