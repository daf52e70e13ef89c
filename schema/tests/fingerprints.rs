//! Fingerprints of documents that no Rust types make.

use serde_json::{Value, json};
use sio_types_schema::Schema;

/// Types that refer to themselves and each other in every place where a schema may.
fn entangled(direction: &str) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/definitions/{direction}/{name}") });
    json!({
        "Tree": {
            "type": "object",
            "description": "text",
            "required": ["right", "left"],
            "properties": {
                "left": { "anyOf": [of("Tree"), { "type": "null" }] },
                "right": { "anyOf": [of("Leaf"), { "type": "null" }] },
                "$ref": { "type": "string" },
                "leaf": of("Leaf"),
            },
        },
        "Leaf": {
            "type": "object",
            "properties": {
                "b": of("Pair"),
                "a": { "type": "array", "items": of("Kind") },
                "z": of("Tree"),
            },
            "additionalProperties": of("Last"),
        },
        "Pair": {
            "type": "array",
            "prefixItems": [of("Kind"), of("Tree"), of("Last")],
            "minItems": 3,
            "maxItems": 3,
        },
        "Kind": { "oneOf": [{ "const": "a", "description": "one" }, { "enum": ["b", "c"] }] },
        "Last": { "allOf": [of("Base"), { "type": "object", "properties": { "own": of("Alias") } }] },
        "Base": {
            "type": "object",
            "patternProperties": { "^[0-9]+$": of("Kind") },
            "default": of("Unused"),
        },
        "Alias": of("Other"),
        "Other": {
            "type": "object",
            "properties": { "back": of("Alias"), "n": { "type": "integer", "format": "uint8" } },
        },
        "Unused": { "type": "string" },
    })
}

#[test]
fn fingerprints_of_recursive_types_are_stable() {
    let of = |direction: &str, name: &str| json!({ "$ref": format!("#/definitions/{direction}/{name}") });
    let (sent, accepted) = (|name| of("sent", name), |name| of("accepted", name));
    let document = json!({
        "sioTypes": 1,
        "namespaces": [
            {
                "name": "A",
                "path": "/a",
                "serverToClient": { "trait": "S", "events": [
                    { "name": "tree", "method": "tree", "arguments": [{ "name": "it", "sent": sent("Tree") }] },
                    { "name": "leaf", "method": "leaf", "arguments": [
                        { "name": "x", "sent": sent("Other") },
                        { "name": "y", "sent": { "type": "array", "items": sent("Leaf") } },
                    ] },
                ] },
                "clientToServer": { "trait": "C", "events": [
                    { "name": "pair", "method": "pair", "arguments": [{ "name": "it", "accepted": accepted("Pair") }] },
                ] },
            },
            {
                "name": "B",
                "path": "/b",
                "clientToServer": { "trait": "C", "events": [
                    { "name": "last", "method": "last", "arguments": [{ "name": "it", "accepted": accepted("Last") }] },
                    { "name": "tree", "method": "tree", "arguments": [{ "name": "it", "accepted": accepted("Tree") }] },
                ] },
            },
            {
                "name": "C",
                "path": "/c",
                "serverToClient": { "trait": "S", "events": [
                    { "name": "alias", "method": "alias", "arguments": [{ "name": "it", "sent": sent("Alias") }] },
                ] },
            },
        ],
        "definitions": { "sent": entangled("sent"), "accepted": entangled("accepted") },
    });
    let schema = Schema::from_json(&document.to_string()).unwrap();
    let fingerprints = ["/a", "/b", "/c"].map(|path| schema.fingerprint(path).unwrap());
    assert_eq!(
        fingerprints,
        ["38a3c62003571c64", "d840ddd38822c449", "04756a6636e65116"]
    );
}

#[test]
fn fingerprint_follows_reference_chains_of_any_length() {
    let length = 20_000;
    let of = |number: usize| json!({ "$ref": format!("#/definitions/sent/T{number}") });
    let types = (0..length).map(|number| {
        let link = json!({ "type": "object", "properties": { "next": of(number + 1) } });
        (format!("T{number}"), link)
    });
    let document = json!({
        "sioTypes": 1,
        "namespaces": [{ "name": "A", "path": "/", "serverToClient": { "trait": "S", "events": [
            { "name": "it", "method": "it", "arguments": [{ "name": "it", "sent": of(0) }] },
        ] } }],
        "definitions": { "sent": types.collect::<serde_json::Map<_, _>>() },
    });
    let schema = Schema::from_json(&document.to_string()).unwrap();
    assert_eq!(schema.fingerprint("/").map(|it| it.len()), Some(16));
}
