//! Fingerprints: short texts that change whenever the wire format changes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    document::{Acknowledgement, EventSetSchema, NamespaceSchema, PayloadSchema, Schema},
    keys,
};

/// Keywords that only document a schema, and do not restrict its values.
const ANNOTATIONS: [&str; 9] = [
    "$comment",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
    keys::TS,
];

impl Schema {
    /// Returns the fingerprint of the namespace at the given path: 16 hexadecimal digits. Returns `None` if the
    /// document has no namespace with that path.
    ///
    /// Equal events with equal payloads have equal fingerprints. Any difference in the data that a client sends or
    /// receives changes the fingerprint.
    ///
    /// Documentation and names that exist only in Rust (methods, arguments and types) do not affect it. A server
    /// compares the fingerprint with those that clients send (`sio_types::Fingerprints`).
    pub fn fingerprint(&self, path: &str) -> Option<String> {
        let namespace = self.namespaces.iter().find(|it| it.path == path)?;
        let mut canonical = Canonical {
            schema: self,
            numbers: BTreeMap::new(),
            definitions: Vec::new(),
        };
        let said = canonical.namespace(namespace);
        let definitions = canonical.definitions();
        let text = json!([said, definitions]).to_string();
        Some(format!("{:016x}", fnv1a(text.as_bytes())))
    }
}

/// A writer that gives schemas of the same values the same text.
struct Canonical<'a> {
    schema: &'a Schema,
    /// Numbers of the types, in the order of their first use. Their names exist only in Rust.
    numbers: BTreeMap<&'a str, usize>,
    /// The schemas of the numbered types.
    definitions: Vec<Option<&'a Value>>,
}

impl<'a> Canonical<'a> {
    /// Returns the numbered types in canonical form.
    fn definitions(&mut self) -> Vec<Value> {
        // All types that they refer to have a number already, so the conversion adds none.
        let definitions = self.definitions.clone().into_iter();
        definitions
            .map(|definition| definition.map_or(Value::Null, |it| self.of(it)))
            .collect()
    }

    fn namespace(&mut self, namespace: &'a NamespaceSchema) -> Value {
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

    fn events(&mut self, set: &'a EventSetSchema) -> Vec<Value> {
        let mut events: Vec<_> = set.events.iter().collect();
        events.sort_by(|a, b| a.name.cmp(&b.name));
        let canonical = events.into_iter().map(|event| {
            let arguments = event.arguments.iter();
            let arguments: Vec<_> = arguments
                .map(|argument| json!([argument.optional, self.payload(&argument.payload)]))
                .collect();
            let answer = match &event.acknowledgement {
                None => Value::Null,
                Some(Acknowledgement::Unit) => json!([]),
                Some(Acknowledgement::Value { data }) => json!([self.payload(data)]),
                Some(Acknowledgement::Fallible { data, error }) => {
                    json!([self.payload(data), self.payload(error)])
                }
            };
            json!([event.name, arguments, answer])
        });
        canonical.collect()
    }

    fn payload(&mut self, payload: &'a PayloadSchema) -> Value {
        let mut of = |schema: &'a Option<schemars::Schema>| {
            let schema = schema.as_ref()?;
            Some(self.of(schema.as_value()))
        };
        json!([of(&payload.sent), of(&payload.accepted)])
    }

    fn of(&mut self, schema: &'a Value) -> Value {
        match schema {
            Value::Object(fields) => {
                // Uses a sorted map, because another crate may enable the feature `preserve_order`.
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

    fn keyword(&mut self, key: &str, value: &'a Value) -> Value {
        match (key, value) {
            ("const" | "enum", value) => value.clone(),
            ("required", Value::Array(names)) => {
                let mut names = names.clone();
                names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                names.into()
            }
            // The keys are names of values, and not keywords.
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

    /// Returns the number of a type. A new type gets the next number, and the types within it get the following ones.
    ///
    /// Types are numbered depth first, in a loop: a recursion could overflow the stack on a long chain of types.
    fn definition(&mut self, reference: &'a str) -> usize {
        if let Some(number) = self.numbers.get(reference) {
            return *number;
        }
        let number = self.definitions.len();
        let mut open = vec![self.numbered(reference)];
        while let Some(references) = open.last_mut() {
            match references.next() {
                None => _ = open.pop(),
                Some(known) if self.numbers.contains_key(known) => {}
                Some(reference) => open.push(self.numbered(reference)),
            }
        }
        number
    }

    /// Gives a type the next number, and returns the types that it refers to.
    fn numbered(&mut self, reference: &'a str) -> std::vec::IntoIter<&'a str> {
        self.numbers.insert(reference, self.definitions.len());
        let definitions = &self.schema.definitions;
        let mut parts = reference.rsplit('/');
        let (name, direction) = (parts.next().unwrap_or_default(), parts.next());
        let definitions = match direction {
            Some("accepted") => &definitions.accepted,
            _ => &definitions.sent,
        };
        let definition = definitions.get(name).map(schemars::Schema::as_value);
        self.definitions.push(definition);
        let mut references = Vec::new();
        if let Some(definition) = definition {
            add_references(definition, &mut references);
        }
        references.into_iter()
    }
}

/// Adds the types that a schema refers to, in the order of its canonical form.
fn add_references<'a>(schema: &'a Value, references: &mut Vec<&'a str>) {
    match schema {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields
                .iter()
                .filter(|(key, _)| !ANNOTATIONS.contains(&key.as_str()))
                .collect();
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("const" | "enum", _) => {}
                    ("properties" | "patternProperties", Value::Object(properties)) => {
                        let properties: BTreeMap<_, _> = properties.iter().collect();
                        for schema in properties.into_values() {
                            add_references(schema, references);
                        }
                    }
                    ("$ref", Value::String(reference)) => references.push(reference),
                    (_, value) => add_references(value, references),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                add_references(item, references);
            }
        }
        _ => {}
    }
}

/// Computes the 64-bit [FNV-1a](https://www.rfc-editor.org/rfc/rfc9923) hash. Unlike the standard library's hash, it is
/// the same on every machine and with every compiler. It is not collision-resistant, and need not be.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
