//! Integers outside of JavaScript's safe range, in namespaces that require them to be strings.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    document::{Acknowledgement, EventSchema, PayloadSchema, Schema},
    error::SchemaError,
};

/// Formats of integers that a JavaScript number cannot represent.
const FORMATS: [&str; 6] = ["int", "int64", "int128", "uint", "uint64", "uint128"];

impl Schema {
    /// Checks that the namespace at the given path sends no integer as a number that JavaScript cannot represent, as
    /// `bigint = "string"` requires. Does nothing if the document has no namespace with that path.
    ///
    /// # Errors
    ///
    /// Returns [`SchemaError::BigInt`], which lists all such integers.
    pub fn check_bigints(&self, path: &str) -> Result<(), SchemaError> {
        let Some(namespace) = self.namespaces.iter().find(|one| one.path == path) else {
            return Ok(());
        };
        let mut search = Search {
            schema: self,
            seen: BTreeSet::new(),
            places: BTreeSet::new(),
        };
        let sets = [
            &namespace.server_to_client,
            &namespace.client_to_server,
            &namespace.inter_server,
        ];
        for event in sets.iter().flat_map(|set| &set.events) {
            search.event(event);
        }
        let others = [
            ("`auth`", &namespace.auth),
            ("`socket_data`", &namespace.socket_data),
            ("`connect_error`", &namespace.connect_error),
        ];
        for (place, payload) in others {
            payload
                .iter()
                .for_each(|payload| search.payload(payload, place));
        }
        if search.places.is_empty() {
            return Ok(());
        }
        Err(SchemaError::BigInt {
            namespace: path.to_owned(),
            places: search.places.into_iter().collect(),
        })
    }
}

struct Search<'a> {
    schema: &'a Schema,
    /// The definitions that were visited.
    seen: BTreeSet<&'a str>,
    places: BTreeSet<String>,
}

impl<'a> Search<'a> {
    fn event(&mut self, event: &'a EventSchema) {
        for argument in &event.arguments {
            let place = format!("argument `{}` of event `{}`", argument.name, event.name);
            self.payload(&argument.payload, &place);
        }
        let place = format!("acknowledgement of event `{}`", event.name);
        match &event.acknowledgement {
            Some(Acknowledgement::Value { data }) => self.payload(data, &place),
            Some(Acknowledgement::Fallible { data, error }) => {
                self.payload(data, &place);
                self.payload(error, &place);
            }
            Some(Acknowledgement::Unit) | None => {}
        }
    }

    fn payload(&mut self, payload: &'a PayloadSchema, place: &str) {
        for schema in payload.sent.iter().chain(&payload.accepted) {
            self.value(schema.as_value(), place);
        }
    }

    fn value(&mut self, value: &'a Value, place: &str) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.value(value, place)),
            Value::Object(fields) => {
                let format = fields.get("format").and_then(Value::as_str);
                if format.is_some_and(|format| FORMATS.contains(&format)) {
                    self.places.insert(place.to_owned());
                }
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    self.definition(reference);
                }
                for (key, value) in fields {
                    match (key.as_str(), value) {
                        ("properties", Value::Object(properties)) => {
                            for (name, value) in properties {
                                self.value(value, &format!("field `{name}` of {place}"));
                            }
                        }
                        _ => self.value(value, place),
                    }
                }
            }
            _ => {}
        }
    }

    fn definition(&mut self, reference: &'a str) {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let definitions = &self.schema.definitions;
        let is_sent = reference.starts_with("#/definitions/sent/");
        let found = if is_sent {
            definitions.sent.get_key_value(name)
        } else {
            definitions.accepted.get_key_value(name)
        };
        if let Some((name, schema)) = found
            && self.seen.insert(reference)
        {
            self.value(schema.as_value(), &format!("type `{name}`"));
        }
    }
}
