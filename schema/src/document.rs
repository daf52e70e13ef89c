//! The types of a document.

use std::collections::BTreeMap;

use schemars::Schema as JsonSchema;
use serde::{Deserialize, Serialize};

/// An application's namespaces and events, with the JSON Schema of every payload.
///
/// Payload schemas are JSON Schema 2020-12. They refer to [`Definitions`] by `#/definitions/sent/Name` and
/// `#/definitions/accepted/Name`: the form that Rust serialises and the form that it deserialises may differ
/// (`#[serde(default)]`, `skip_serializing_if`, …).
///
/// See the documentation of the [crate](crate) for an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Schema {
    /// Version of the document's format, [`Schema::VERSION`].
    #[serde(rename = "sioTypes")]
    pub version: u32,
    /// The namespaces, sorted by path.
    pub namespaces: Vec<NamespaceSchema>,
    /// The named types that payloads refer to.
    #[serde(default)]
    pub definitions: Definitions,
}

/// The JSON Schemas of named types, in each direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Definitions {
    /// Types as Rust serialises them.
    pub sent: BTreeMap<String, JsonSchema>,
    /// Types as Rust deserialises them.
    pub accepted: BTreeMap<String, JsonSchema>,
}

/// A namespace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NamespaceSchema {
    /// Name of the Rust type.
    pub name: String,
    /// The path that clients connect to. A dynamic path has `{parameter}` segments.
    pub path: String,
    /// The documentation of the Rust type.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The parameters of a dynamic path, in the order of the path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterSchema>,
    /// Prefix of TypeScript names, if the application sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts_prefix: Option<String>,
    /// Events from the server to clients.
    #[serde(default)]
    pub server_to_client: EventSetSchema,
    /// Events from clients to the server.
    #[serde(default)]
    pub client_to_server: EventSetSchema,
    /// Events between the servers of a cluster.
    #[serde(default)]
    pub inter_server: EventSetSchema,
    /// The `auth` of the handshake, or `None` if the server expects none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<PayloadSchema>,
    /// The data that the server keeps for each socket, or `None` if it keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket_data: Option<PayloadSchema>,
    /// The data of a `connect_error`, or `None` if it has only a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_error: Option<PayloadSchema>,
}

/// A parameter of a dynamic path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ParameterSchema {
    /// The name between the braces.
    pub name: String,
    /// The JSON Schema of the parameter's values.
    pub schema: JsonSchema,
}

/// The events of one direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct EventSetSchema {
    /// Name of the Rust trait, empty if the namespace has no such events.
    #[serde(rename = "trait", skip_serializing_if = "String::is_empty")]
    pub trait_name: String,
    /// The documentation of the Rust trait.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The events, in the order of the trait.
    pub events: Vec<EventSchema>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EventSchema {
    /// The name on the wire.
    pub name: String,
    /// The name of the Rust method.
    pub method: String,
    /// The documentation of the Rust method.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// Note of `#[deprecated]`, empty if the attribute has none; `None` if the event is not deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The arguments, in order.
    #[serde(default)]
    pub arguments: Vec<ArgumentSchema>,
    /// The acknowledgement, if the event has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<Acknowledgement>,
}

/// An argument of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ArgumentSchema {
    /// The name of the Rust argument.
    pub name: String,
    /// `true` if the argument may be left out, together with all arguments after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The JSON Schema of the argument's values.
    #[serde(flatten)]
    pub payload: PayloadSchema,
}

/// Acknowledgement of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Acknowledgement {
    /// An acknowledgement with one value.
    #[non_exhaustive]
    Value {
        /// The value.
        data: PayloadSchema,
    },
    /// An acknowledgement without a value.
    Unit,
    /// An acknowledgement with `{status: "ok", data}`, `{status: "error", error}` or `{status: "rejected", reason}`.
    #[non_exhaustive]
    Fallible {
        /// The value of `Ok`.
        data: PayloadSchema,
        /// The value of `Err`.
        error: PayloadSchema,
    },
}

/// The JSON Schema of a payload in the directions in which it is sent, from the server's point of view: `sent`,
/// `accepted`, or both for events between servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct PayloadSchema {
    /// The JSON Schema of what Rust serialises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<JsonSchema>,
    /// The JSON Schema of what Rust deserialises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<JsonSchema>,
}

impl Schema {
    /// Creates a document of the current version.
    #[must_use]
    pub fn new(namespaces: Vec<NamespaceSchema>, definitions: Definitions) -> Self {
        Self {
            version: Self::VERSION,
            namespaces,
            definitions,
        }
    }

    /// Visits the JSON Schemas of all payloads, and those of all named types.
    pub fn visit_json_schemas(&mut self, mut visit: impl FnMut(&mut JsonSchema)) {
        let visit: &mut dyn FnMut(&mut JsonSchema) = &mut visit;
        for namespace in &mut self.namespaces {
            let sets = [
                &mut namespace.server_to_client,
                &mut namespace.client_to_server,
                &mut namespace.inter_server,
            ];
            for event in sets.into_iter().flat_map(|set| &mut set.events) {
                event.visit_json_schemas(visit);
            }
            let others = [
                &mut namespace.auth,
                &mut namespace.socket_data,
                &mut namespace.connect_error,
            ];
            for payload in others.into_iter().flatten() {
                payload.visit_json_schemas(visit);
            }
        }
        let Definitions { sent, accepted } = &mut self.definitions;
        sent.values_mut()
            .chain(accepted.values_mut())
            .for_each(visit);
    }
}

impl NamespaceSchema {
    /// Creates a namespace without events.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            docs: String::new(),
            parameters: Vec::new(),
            ts_prefix: None,
            server_to_client: EventSetSchema::default(),
            client_to_server: EventSetSchema::default(),
            inter_server: EventSetSchema::default(),
            auth: None,
            socket_data: None,
            connect_error: None,
        }
    }
}

impl ParameterSchema {
    /// Creates a parameter.
    #[must_use]
    pub fn new(name: impl Into<String>, schema: JsonSchema) -> Self {
        Self {
            name: name.into(),
            schema,
        }
    }
}

impl EventSchema {
    /// Creates an event without arguments or an acknowledgement.
    #[must_use]
    pub fn new(name: impl Into<String>, method: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            method: method.into(),
            docs: String::new(),
            deprecated: None,
            arguments: Vec::new(),
            acknowledgement: None,
        }
    }

    fn visit_json_schemas(&mut self, visit: &mut dyn FnMut(&mut JsonSchema)) {
        for argument in &mut self.arguments {
            argument.payload.visit_json_schemas(visit);
        }
        match &mut self.acknowledgement {
            Some(Acknowledgement::Value { data }) => data.visit_json_schemas(visit),
            Some(Acknowledgement::Fallible { data, error }) => {
                data.visit_json_schemas(visit);
                error.visit_json_schemas(visit);
            }
            Some(Acknowledgement::Unit) | None => {}
        }
    }
}

impl ArgumentSchema {
    /// Creates a required argument.
    #[must_use]
    pub fn new(name: impl Into<String>, payload: PayloadSchema) -> Self {
        Self {
            name: name.into(),
            optional: false,
            payload,
        }
    }
}

impl Acknowledgement {
    /// Creates an acknowledgement with one value.
    #[must_use]
    pub fn value(data: PayloadSchema) -> Self {
        Self::Value { data }
    }

    /// Creates an acknowledgement that may be an error.
    #[must_use]
    pub fn fallible(data: PayloadSchema, error: PayloadSchema) -> Self {
        Self::Fallible { data, error }
    }
}

impl PayloadSchema {
    /// Creates a payload from its JSON Schema in each direction.
    #[must_use]
    pub fn new(sent: Option<JsonSchema>, accepted: Option<JsonSchema>) -> Self {
        Self { sent, accepted }
    }

    fn visit_json_schemas(&mut self, visit: &mut dyn FnMut(&mut JsonSchema)) {
        self.sent
            .iter_mut()
            .chain(&mut self.accepted)
            .for_each(visit);
    }
}

impl Definitions {
    /// Creates definitions from the named types of each direction.
    #[must_use]
    pub fn new(sent: BTreeMap<String, JsonSchema>, accepted: BTreeMap<String, JsonSchema>) -> Self {
        Self { sent, accepted }
    }
}
