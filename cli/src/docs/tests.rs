use std::collections::BTreeMap;

use serde_json::{Value, json};
use sio_types_schema::{Schema, keys};

use super::Info;
use super::example::{Budget, Examples};
use super::snippets::literal;
use super::text::prose;

fn definitions(schemas: Value) -> BTreeMap<String, schemars::Schema> {
    serde_json::from_value(schemas).unwrap()
}

/// Returns one schema of every kind that Rust types produce.
fn schemas() -> Value {
    json!({
        "Plain": {
            "type": "object",
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "count": { "type": "integer", "format": "uint8", "minimum": 10, "maximum": 255 },
                "ratio": { "type": "number", "maximum": 0.5 },
                "code": { "type": "string", "minLength": 8, "maxLength": 12 },
                "three": { "type": "array", "items": { "type": "boolean" }, "minItems": 3, "maxItems": 3 },
                "pair": { "type": "array", "prefixItems": [{ "type": "null" }, { "type": "string" }], "minItems": 2 },
                "map": { "type": "object", "additionalProperties": { "type": "integer" } },
                "maybe": { "type": ["string", "null"] },
                "level": { "enum": ["low", "high"] },
                "any": true,
            },
            "required": ["id", "count", "ratio", "code", "three", "pair", "map", "maybe", "level", "any"],
        },
        "Tree": {
            "type": "object",
            "properties": { "children": { "type": "array", "items": { "$ref": "#/definitions/sent/Tree" } } },
            "required": ["children"],
        },
        "Chain": {
            "type": "object",
            "properties": { "next": { "anyOf": [{ "$ref": "#/definitions/sent/Chain" }, { "type": "null" }] } },
            "required": ["next"],
        },
        "Tagged": {
            "oneOf": [
                { "type": "object", "properties": { "kind": { "const": "a" }, "x": { "type": "integer" } }, "required": ["kind", "x"] },
                { "type": "object", "properties": { "kind": { "const": "b" } }, "required": ["kind"] },
            ],
        },
        "Flattened": {
            "type": "object",
            "properties": { "own": { "type": "string" } },
            "required": ["own"],
            "oneOf": [{ "$ref": "#/definitions/sent/Tagged" }],
        },
        "Both": { "allOf": [{ "$ref": "#/definitions/sent/Chain" }, { "$ref": "#/definitions/sent/Tagged" }] },
    })
}

#[test]
fn examples_fit_their_schemas() {
    let definitions = definitions(schemas());
    for name in definitions.keys() {
        let reference = json!({ "$ref": format!("#/definitions/sent/{name}") });
        let example = Examples::new(&definitions, &Budget::default()).of(&reference, "");
        let mut schema = reference;
        schema["definitions"] = json!({ "sent": schemas() });
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&example)
            .map(|it| it.to_string())
            .collect();
        assert_eq!(errors, [""; 0], "{name}: {example}");
        assert!(
            example.as_object().is_some_and(|fields| !fields.is_empty()),
            "{name}: {example}"
        );
    }
}

#[test]
fn binary_data_is_an_array_of_bytes() {
    let definitions = BTreeMap::new();
    let schema = json!({ "type": "string", "format": "binary", (keys::BINARY): true });
    let example = Examples::new(&definitions, &Budget::default()).of(&schema, "file");
    assert_eq!(
        literal(&json!({ "odd-key": example }), 0),
        "{ \"odd-key\": new Uint8Array([1, 2, 3]) }"
    );
}

#[test]
fn documentation_runs_nothing() {
    let html = prose(
        "a <script>alert(1)</script> [x](javascript:alert(1)) ![y](https://a/b.png) **bold** `<b>`",
    );
    let html = html.into_string();
    assert!(
        !html.contains("<script") && !html.contains("javascript:") && !html.contains("<img"),
        "{html}"
    );
    assert!(
        html.contains("<strong>bold</strong>") && html.contains("<code>&lt;b&gt;</code>"),
        "{html}"
    );
}

#[test]
fn a_name_cannot_break_out_of_the_page() {
    let evil = "</script><script>alert(1)</script>\"'<b>";
    let schema = json!({
        "sioTypes": 1,
        "namespaces": [{
            "name": "App", "path": "/", "docs": evil,
            "serverToClient": { "trait": "ServerToClient", "events": [
                { "name": evil, "method": "evil", "docs": evil, "deprecated": evil,
                  "arguments": [{ "name": "a", "sent": { "const": evil } }] },
            ] },
        }],
    });
    let schema = Schema::from_json(&schema.to_string()).unwrap();
    let info = Info {
        title: evil.to_owned(),
        server: format!("https://{evil}"),
        live: None,
    };
    let page = super::print(&schema, &info).unwrap();
    assert!(
        !page.contains("<script>alert") && !page.contains("<b>"),
        "{page}"
    );
    assert_eq!(page.matches("</script>").count(), 4);
}

#[test]
fn examples_that_are_too_long_are_left_out() {
    let definitions = BTreeMap::new();
    let list =
        |length: usize| json!({ "type": "array", "items": { "const": 1 }, "minItems": length });
    let of = |budget: &Budget, length| {
        literal(
            &Examples::new(&definitions, budget).of(&list(length), ""),
            0,
        )
    };
    const OMITTED: &str = "null /* example left out: too long */";
    let budget = Budget::default();
    assert_eq!(of(&budget, 5_000), OMITTED);
    // An example that is too long does not affect the others, as long as the page's budget suffices.
    assert_eq!(of(&budget, 3), "[1, 1, 1]");
    let budget = Budget::new(100);
    assert_eq!(of(&budget, 200), OMITTED);
    assert_eq!(of(&budget, 3), OMITTED);
}
