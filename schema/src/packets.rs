//! JSON Schemas of the packets that carry events.

use serde_json::{Value, json};

use crate::document::{EventSchema, EventSetSchema, PayloadSchema, Schema};

/// The direction of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// From the server to clients.
    ServerToClient,
    /// From clients to the server.
    ClientToServer,
    /// Between the servers of a cluster.
    InterServer,
}

impl Schema {
    /// Returns a JSON Schema (draft 2020-12) of a namespace's events in one direction. Returns `None` if the document
    /// has no namespace with that path.
    ///
    /// The schema describes events in their form on the wire, `["name", …arguments]`. It is self-contained, for use
    /// with a validator or a code generator for another language. Binary data is described as a string with the keyword
    /// [`keys::BINARY`](crate::keys::BINARY).
    ///
    /// ```
    /// use sio_types_schema::{Flow, Schema};
    ///
    /// let document = r#"{
    ///     "sioTypes": 1,
    ///     "namespaces": [{
    ///         "name": "App",
    ///         "path": "/",
    ///         "clientToServer": {
    ///             "trait": "ToServer",
    ///             "events": [{
    ///                 "name": "search",
    ///                 "method": "search",
    ///                 "arguments": [
    ///                     { "name": "query", "accepted": { "type": "string" } },
    ///                     { "name": "limit", "optional": true, "accepted": { "type": ["integer", "null"] } }
    ///                 ]
    ///             }]
    ///         }
    ///     }]
    /// }"#;
    ///
    /// let schema = Schema::from_json(document)?;
    /// let packets = schema.json_schema("/", Flow::ClientToServer).unwrap_or_default();
    /// assert_eq!(packets["oneOf"][0]["prefixItems"][0]["const"], "search");
    /// assert_eq!(packets["oneOf"][0]["minItems"], 2);
    /// # Ok::<(), sio_types_schema::SchemaError>(())
    /// ```
    pub fn json_schema(&self, namespace: &str, flow: Flow) -> Option<Value> {
        let namespace = self.namespaces.iter().find(|one| one.path == namespace)?;
        let (set, is_sent) = match flow {
            Flow::ServerToClient => (&namespace.server_to_client, true),
            Flow::ClientToServer => (&namespace.client_to_server, false),
            Flow::InterServer => (&namespace.inter_server, true),
        };
        let definitions = if is_sent {
            json!({ "sent": self.definitions.sent })
        } else {
            json!({ "accepted": self.definitions.accepted })
        };
        Some(json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title(set),
            "oneOf": set.events.iter().map(|event| packet(event, is_sent)).collect::<Vec<_>>(),
            "definitions": definitions,
        }))
    }
}

fn title(set: &EventSetSchema) -> &str {
    match &*set.trait_name {
        "" => "No events",
        name => name,
    }
}

/// Returns the schema of one event, which is an array on the wire.
fn packet(event: &EventSchema, is_sent: bool) -> Value {
    let side = |payload: &PayloadSchema| match is_sent {
        true => json!(payload.sent),
        false => json!(payload.accepted),
    };
    let mut items = vec![json!({ "const": event.name })];
    items.extend(event.arguments.iter().map(|one| side(&one.payload)));
    let optional = event.arguments.iter().filter(|one| one.optional).count();
    let mut packet = json!({
        "type": "array",
        "prefixItems": items,
        // A sender sends all arguments. A receiver accepts missing optional arguments, and ignores additional ones.
        "minItems": if is_sent { items.len() } else { items.len() - optional },
    });
    if is_sent {
        packet["maxItems"] = json!(items.len());
    }
    if !event.docs.is_empty() {
        packet["description"] = json!(event.docs);
    }
    packet
}
