//! Tests every rule with an example, and that changes reported as safe are safe.

mod examples;
mod soundness;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sio_types_schema::Schema;

use examples::examples;

use super::{Format, Level, RULES, Rule, compare, print};

/// Returns a document that contains every kind of schema.
fn document() -> Value {
    let message = json!({
        "type": "object",
        "properties": {
            "text": { "type": "string" },
            "kind": { "enum": ["plain", "notice"] },
            "to": { "type": ["string", "null"] },
            "count": { "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 },
            "reply": { "anyOf": [{ "$ref": "#/definitions/DIRECTION/Message" }, { "type": "null" }] },
            "either": { "type": ["string", "integer"] },
        },
        "required": ["text", "kind", "count"],
    });
    let towards = |direction: &str| {
        let text = message.to_string().replace("DIRECTION", direction);
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let reference =
        |direction: &str| json!({ "$ref": format!("#/definitions/{direction}/Message") });
    json!({
        "sioTypes": 1,
        "namespaces": [
            {
                "name": "Chat",
                "path": "/chat",
                "auth": { "accepted": { "type": "string" } },
                "serverToClient": { "trait": "ServerToClient", "events": [
                    { "name": "message", "method": "message", "arguments": [
                        { "name": "message", "sent": reference("sent") },
                        { "name": "at", "sent": { "type": "integer" } },
                    ] },
                    { "name": "confirm", "method": "confirm", "arguments": [],
                      "acknowledgement": { "kind": "value", "data": { "accepted": { "type": "boolean" } } } },
                    { "name": "typing", "method": "typing", "arguments": [
                        { "name": "who", "optional": true, "sent": { "type": "string" } },
                    ] },
                ] },
                "clientToServer": { "trait": "ClientToServer", "events": [
                    { "name": "post", "method": "post", "arguments": [
                        { "name": "message", "accepted": reference("accepted") },
                        { "name": "at", "accepted": { "type": "integer" } },
                    ] },
                    { "name": "search", "method": "search", "arguments": [
                        { "name": "limit", "optional": true, "accepted": { "type": "integer" } },
                    ], "acknowledgement": { "kind": "value", "data": { "sent": { "type": "string" } } } },
                    { "name": "leave", "method": "leave", "arguments": [] },
                ] },
                "interServer": { "trait": "InterServer", "events": [
                    { "name": "ban", "method": "ban", "arguments": [
                        { "name": "user", "sent": { "type": "string" }, "accepted": { "type": "string" } },
                    ] },
                ] },
                "socketData": { "sent": { "type": "string" }, "accepted": { "type": "string" } },
            },
            {
                "name": "Tenant",
                "path": "/tenant/{id}",
                "parameters": [{ "name": "id", "schema": { "type": "string" } }],
            },
        ],
        "definitions": {
            "sent": { "Message": towards("sent") },
            "accepted": { "Message": towards("accepted") },
        },
    })
}

/// An edit of the document: a place and its new value. Edits do not remove anything.
type Edit = (&'static str, Value);

fn edited(edits: &[Edit]) -> Schema {
    let mut document = document();
    for (pointer, value) in edits {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).expect(pointer);
        match parent {
            Value::Array(items) if key == "-" => items.push(value.clone()),
            Value::Array(items) if value.is_null() => drop(items.remove(key.parse().unwrap())),
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            Value::Object(fields) if value.is_null() => drop(fields.remove(key)),
            Value::Object(fields) => drop(fields.insert(key.to_owned(), value.clone())),
            other => panic!("{pointer} is in {other}"),
        }
    }
    Schema::from_json(&document.to_string()).unwrap()
}

/// Returns the names of the rules that a change falls under.
fn rules(old: &Schema, new: &Schema) -> Vec<&'static str> {
    compare(old, new)
        .iter()
        .map(|change| change.rule.id)
        .collect()
}

#[test]
fn every_rule_has_an_example() {
    let plain = edited(&[]);
    let mut shown = BTreeSet::new();
    for (there, back, edits) in examples() {
        let other = edited(&edits);
        assert_eq!(rules(&plain, &other), [there], "{edits:?}");
        assert_eq!(rules(&other, &plain), [back], "{edits:?}, undone");
        shown.extend([there, back]);
    }
    let all: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(shown, all);
}

/// A rule and its opposite have swapped levels: a change that breaks old clients breaks new clients when it is
/// reversed.
#[test]
fn what_is_undone_has_the_other_verdict() {
    let level = |id: &str| RULES.iter().find(|rule| rule.id == id).unwrap();
    // An old server lacks the event as if it had been removed, but no client relies on an event that was never
    // announced.
    const ONE_SIDED: [&str; 2] = ["sent-event-added", "optional-argument-added"];
    for (there, back, _) in examples() {
        if ONE_SIDED.contains(&there) {
            continue;
        }
        let (there, back) = (level(there), level(back));
        assert_eq!(
            there.old_clients, back.new_clients,
            "{} {}",
            there.id, back.id
        );
        assert_eq!(
            there.new_clients, back.old_clients,
            "{} {}",
            there.id, back.id
        );
    }
}

#[test]
fn nothing_has_changed() {
    let schema = edited(&[]);
    assert_eq!(compare(&schema, &schema), []);
    insta::assert_snapshot!(print(&[], Format::Text), @"no changes");
}

#[test]
fn a_type_of_another_name_and_the_same_shape_is_the_same() {
    let old = document().to_string();
    let new = old.replace("Message", "Note");
    let [old, new] = [old, new].map(|json| Schema::from_json(&json).unwrap());
    assert_eq!(compare(&old, &new), []);
}

#[test]
fn a_named_type_is_reported_once() {
    let more = json!({ "name": "again", "method": "again", "arguments": [
        { "name": "message", "sent": { "$ref": "#/definitions/sent/Message" } },
    ] });
    let twice = ("/namespaces/0/serverToClient/events/-", more);
    let old = edited(std::slice::from_ref(&twice));
    let new = edited(&[twice, ("/definitions/sent/Message/required/0", Value::Null)]);
    let changes = compare(&old, &new);
    let [change] = &changes[..] else {
        panic!("{changes:#?}");
    };
    assert_eq!(change.place, "Message.text");
    assert_eq!(change.used_by.len(), 2);
}

#[test]
fn the_report_in_every_format() {
    let old = edited(&[]);
    let new = edited(&[
        (
            "/namespaces/0/serverToClient/events/2/name",
            json!("typings"),
        ),
        ("/definitions/accepted/Message/required/0", Value::Null),
        (
            "/definitions/sent/Message/properties/kind/enum/-",
            json!("loud|100%"),
        ),
        ("/namespaces/0/docs", json!("Talk.")),
    ]);
    let changes = compare(&old, &new);
    assert_eq!(changes[0].level(), Level::Breaking);
    let plain = anstream::adapter::strip_str(&print(&changes, Format::Text)).to_string();
    insta::assert_snapshot!("text", plain);
    insta::assert_snapshot!("json", print(&changes, Format::Json));
    insta::assert_snapshot!("github", print(&changes, Format::Github));
    insta::assert_snapshot!("markdown", print(&changes, Format::Markdown));
}

/// Set `UPDATE_DOCS=1` to write the page.
#[test]
fn the_documentation_lists_the_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/compatibility.md");
    let mut page = include_str!("compatibility.md").to_owned();
    for rule in RULES {
        let Rule {
            id,
            what,
            old_clients,
            new_clients,
            why,
            fix,
        } = rule;
        page.push_str(&format!(
            "| `{id}` | {what} | {old_clients} | {new_clients} | {why} | {fix} |\n"
        ));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, page, "run this test with UPDATE_DOCS=1");
}
