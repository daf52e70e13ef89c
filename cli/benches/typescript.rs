//! Time to generate TypeScript from a schema: `cargo bench -p sio-types-cli`.
//!
//! Of the types, in both directions, a fifth are tagged enums, and half are not the same as sent and as accepted.

use divan::{Bencher, counter::ItemsCount};
use serde_json::{Value, json};
use sio_types_schema::Schema;

fn main() {
    divan::main();
}

#[divan::bench(args = [500, 1_000, 2_000, 5_000, 10_000], sample_count = 20)]
fn types(bencher: Bencher, types: usize) {
    let schema = schema(types);
    bencher
        .counter(ItemsCount::new(types))
        .bench(|| sio_types_cli::typescript::print(&schema).expect("every type can be said"));
}

/// A document as `gen-schema` writes it, of one namespace with an event for each type.
fn schema(types: usize) -> Schema {
    let definitions = |direction: &str| -> Value {
        (0..types)
            .map(|number| (name(number), definition(number, types, direction)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let event = |number: usize| {
        let reference = |direction| json!({ "$ref": path(number, direction) });
        json!({
            "name": format!("event{number}"),
            "method": format!("event_{number}"),
            "docs": "Something has happened.",
            "arguments": [{
                "name": "value",
                "sent": reference("sent"),
                "accepted": reference("accepted"),
            }],
        })
    };
    let events: Vec<_> = (0..types).map(event).collect();
    let document = json!({
        "sioTypes": Schema::VERSION,
        "namespaces": [{
            "name": "App",
            "path": "/",
            "serverToClient": { "trait": "ServerToClient", "events": events },
            "clientToServer": { "trait": "ClientToServer", "events": events },
        }],
        "definitions": {
            "sent": definitions("sent"),
            "accepted": definitions("accepted"),
        },
    });
    Schema::from_json(&document.to_string()).expect("a schema")
}

fn name(number: usize) -> String {
    format!("Type{number}")
}

fn path(number: usize, direction: &str) -> String {
    format!("#/definitions/{direction}/{}", name(number))
}

fn definition(number: usize, types: usize, direction: &str) -> Value {
    // Types refer to ones near them, as those of a module do.
    let near = |step: usize| json!({ "$ref": path((number + step) % types, direction) });
    if number.is_multiple_of(5) {
        let variant = |tag: &str, content: Value| {
            json!({
                "type": "object",
                "properties": { "kind": { "type": "string", "const": tag }, "content": content },
                "required": ["kind", "content"],
            })
        };
        return json!({
            "description": "One of several.",
            "oneOf": [
                variant("number", json!({ "type": "integer", "format": "int32" })),
                variant("text", json!({ "type": "string" })),
                variant("other", near(1)),
            ],
        });
    }
    let mut required = vec!["id", "name", "count", "tags", "scores"];
    if direction == "sent" || number.is_multiple_of(2) {
        required.extend(["note", "parent", "children"]);
    }
    json!({
        "description": "Something of which there are many.",
        "type": "object",
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "name": { "description": "What people call it.", "type": "string" },
            "count": { "type": "integer", "format": "uint32", "minimum": 0 },
            "tags": { "type": "array", "items": { "type": "string" } },
            "scores": { "type": "object", "additionalProperties": { "type": "number" } },
            "note": { "type": ["string", "null"] },
            "parent": { "anyOf": [near(7), { "type": "null" }] },
            "children": { "type": "array", "items": near(11) },
        },
        "required": required,
    })
}
