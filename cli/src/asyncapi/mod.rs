//! Writes a [`Schema`] as an [AsyncAPI 3.0](https://www.asyncapi.com/docs/reference/specification/v3.0.0) document.
//!
//! A namespace is a channel, and an event is a message whose payload is the list of its arguments. Operations are
//! described from the server's point of view: the server receives what clients send. An acknowledgement is the reply of
//! an operation. The handshake's `auth` is the message that a client connects with, as it is on the wire.

mod schemas;

use std::path::Path;

use serde_json::{Map, Value, json};
use sio_types_schema::{
    Acknowledgement, ArgumentSchema, EventSchema, EventSetSchema, NamespaceSchema, PayloadSchema,
    Schema,
};

use crate::document;
use crate::error::Error;
use schemas::{Direction, Schemas};

/// Information about the application that is not part of its schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct Info {
    pub(crate) title: String,
    pub(crate) version: String,
    /// URL of the server, if there is one.
    pub(crate) server: Option<String>,
}

/// Format of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Yaml,
    Json,
}

impl Format {
    /// Returns the format for a file name: JSON if it ends in `.json`, and YAML otherwise.
    pub(crate) fn of(file: &Path) -> Self {
        match file.extension() {
            Some(extension) if extension == "json" => Self::Json,
            _ => Self::Yaml,
        }
    }
}

/// Returns the document as text.
pub(crate) fn print(schema: &Schema, info: &Info, format: Format) -> Result<String, Error> {
    document::check(schema)?;
    let document = document(schema, info)?;
    if format == Format::Json {
        return Ok(format!("{document:#}\n"));
    }
    let text = yaml_serde::to_string(&document);
    text.map_err(|error| Error::usage(format!("cannot write YAML: {error}")))
}

fn document(schema: &Schema, info: &Info) -> Result<Value, Error> {
    let mut document = Document {
        schemas: Schemas::new(schema)?,
        channels: Map::new(),
        operations: Map::new(),
    };
    for namespace in &schema.namespaces {
        document.namespace(namespace);
    }
    let mut json = json!({
        "asyncapi": "3.0.0",
        "info": { "title": info.title, "version": info.version },
        "defaultContentType": "application/json",
        "channels": document.channels,
        "operations": document.operations,
        "components": { "schemas": document.schemas.components() },
    });
    if let Some(url) = &info.server {
        json["servers"] = json!({ "socketio": server(url)? });
    }
    Ok(json)
}

/// Splits a URL into the parts that an AsyncAPI server object consists of.
fn server(url: &str) -> Result<Value, Error> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| {
        Error::usage(format!("invalid URL `{url}`"))
            .help("use a URL such as `wss://chat.example.com`")
    })?;
    let protocol = match scheme {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        other => {
            let what = format!("unsupported URL scheme `{other}://`");
            return Err(Error::usage(what).help("use `wss://`, `ws://`, `https://` or `http://`"));
        }
    };
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(format!("/{path}"))),
        None => (rest, None),
    };
    let mut server = json!({ "host": host, "protocol": protocol });
    if let Some(path) = path.filter(|path| path != "/") {
        server["pathname"] = path.into();
    }
    Ok(server)
}

struct Document<'a> {
    schemas: Schemas<'a>,
    channels: Map<String, Value>,
    operations: Map<String, Value>,
}

/// Operations and directions of the events that flow one way.
struct Way {
    role: &'static str,
    action: &'static str,
    arguments: Direction,
    answers: Direction,
}

impl Document<'_> {
    fn namespace(&mut self, namespace: &NamespaceSchema) {
        let ways = [
            (
                &namespace.server_to_client,
                Way {
                    role: "serverToClient",
                    action: "send",
                    arguments: Direction::Sent,
                    answers: Direction::Accepted,
                },
            ),
            (
                &namespace.client_to_server,
                Way {
                    role: "clientToServer",
                    action: "receive",
                    arguments: Direction::Accepted,
                    answers: Direction::Sent,
                },
            ),
        ];
        let mut messages = Map::new();
        self.connection(namespace, &mut messages);
        for (set, way) in &ways {
            self.events(namespace, set, way, &mut messages);
        }
        let mut channel = json!({
            "address": namespace.path,
            "title": namespace.name,
            "messages": messages,
            "bindings": { "ws": { "method": "GET", "bindingVersion": "0.1.0" } },
        });
        describe(&mut channel, &namespace.docs);
        if !namespace.parameters.is_empty() {
            let parameters = namespace.parameters.iter();
            let parameters = parameters.map(|it| (it.name.clone(), json!({})));
            channel["parameters"] = parameters.collect::<Map<_, _>>().into();
        }
        self.channels.insert(namespace.name.clone(), channel);
    }

    /// Adds the messages and operations of the handshake.
    fn connection(&mut self, namespace: &NamespaceSchema, messages: &mut Map<String, Value>) {
        let Some(auth) = &namespace.auth else { return };
        let key = "connect";
        messages.insert(
            key.to_owned(),
            json!({
                "name": "CONNECT",
                "title": "Authentication data of a connecting client",
                "payload": self.payload(auth, Direction::Accepted),
            }),
        );
        let mut operation = operation(namespace, "receive", key);
        if let Some(refusal) = &namespace.connect_error {
            messages.insert(
                "connectError".to_owned(),
                json!({
                    "name": "CONNECT_ERROR",
                    "title": "Error of a rejected connection",
                    "payload": {
                        "type": "object",
                        "properties": {
                            "message": { "type": "string" },
                            "data": self.payload(refusal, Direction::Sent),
                        },
                        "required": ["message"],
                    },
                }),
            );
            operation["reply"] = reply(namespace, "connectError");
        }
        let id = format!("{}.connect", namespace.name);
        self.operations.insert(id, operation);
    }

    fn events(
        &mut self,
        namespace: &NamespaceSchema,
        set: &EventSetSchema,
        way: &Way,
        messages: &mut Map<String, Value>,
    ) {
        for event in &set.events {
            // A Rust method name is a valid key, and it is unique within its trait.
            let key = format!("{}.{}", way.role, event.method);
            messages.insert(key.clone(), self.message(event, way.arguments));
            let mut operation = operation(namespace, way.action, &key);
            describe(&mut operation, &event.docs);
            if let Some(answer) = &event.acknowledgement {
                let answered = format!("{key}.answer");
                messages.insert(answered.clone(), self.answer(event, answer, way.answers));
                operation["reply"] = reply(namespace, &answered);
            }
            let id = format!("{}.{key}", namespace.name);
            self.operations.insert(id, operation);
        }
    }

    fn message(&self, event: &EventSchema, direction: Direction) -> Value {
        let mut message = json!({
            "name": event.name,
            "title": event.name,
            "payload": self.arguments(&event.arguments, direction),
        });
        describe(&mut message, &event.docs);
        if let Some(note) = &event.deprecated {
            message["x-deprecated"] = match &**note {
                "" => true.into(),
                note => note.into(),
            };
        }
        message
    }

    /// Returns the schema of an argument list. Optional arguments at the end may be missing.
    fn arguments(&self, arguments: &[ArgumentSchema], direction: Direction) -> Value {
        let named = arguments.iter().map(|argument| {
            let mut schema = self.payload(&argument.payload, direction);
            if schema.get("$ref").is_none() && schema.is_object() {
                schema["title"] = argument.name.clone().into();
            }
            schema
        });
        let named: Vec<_> = named.collect();
        let required = arguments.iter().take_while(|argument| !argument.optional);
        json!({
            "type": "array",
            "minItems": required.count(),
            "maxItems": named.len(),
            "prefixItems": named,
        })
    }

    fn answer(&self, event: &EventSchema, answer: &Acknowledgement, direction: Direction) -> Value {
        let values = match answer {
            Acknowledgement::Value { data, .. } => vec![self.payload(data, direction)],
            Acknowledgement::Fallible { data, error, .. } => {
                let data = self.payload(data, direction);
                let error = self.payload(error, direction);
                vec![json!({ "oneOf": [
                    alternative("ok", "data", &data),
                    alternative("error", "error", &error),
                    alternative("rejected", "reason", &json!({
                        "type": "object",
                        "properties": { "code": { "type": "string" }, "message": { "type": "string" } },
                        "required": ["code", "message"],
                    })),
                ] })]
            }
            _ => Vec::new(),
        };
        json!({
            "name": format!("{} acknowledgement", event.name),
            "title": format!("Acknowledgement of {}", event.name),
            "payload": {
                "type": "array",
                "minItems": values.len(),
                "maxItems": values.len(),
                "prefixItems": values,
            },
        })
    }

    fn payload(&self, payload: &PayloadSchema, direction: Direction) -> Value {
        let schema = match direction {
            Direction::Sent => &payload.sent,
            Direction::Accepted => &payload.accepted,
        };
        match schema {
            Some(schema) => self.schemas.rewritten(schema.as_value(), direction),
            None => true.into(),
        }
    }
}

fn operation(namespace: &NamespaceSchema, action: &str, key: &str) -> Value {
    let channel = format!("#/channels/{}", namespace.name);
    json!({
        "action": action,
        "channel": { "$ref": channel },
        "messages": [{ "$ref": format!("{channel}/messages/{key}") }],
    })
}

fn reply(namespace: &NamespaceSchema, key: &str) -> Value {
    let channel = format!("#/channels/{}", namespace.name);
    json!({
        "channel": { "$ref": channel },
        "messages": [{ "$ref": format!("{channel}/messages/{key}") }],
    })
}

fn alternative(status: &str, name: &str, schema: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "status": { "const": status }, name: schema },
        "required": ["status", name],
    })
}

fn describe(value: &mut Value, docs: &str) {
    if !docs.is_empty() {
        value["description"] = docs.into();
    }
}
