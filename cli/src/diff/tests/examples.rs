//! An example change for every rule.

use serde_json::{Value, json};

use super::Edit;

/// Returns pairs of opposite rules, with the edits that lead from the first schema to the second.
pub(super) fn examples() -> Vec<(&'static str, &'static str, Vec<Edit>)> {
    let event = |name: &str| {
        json!({ "name": name, "method": name, "arguments": [
        { "name": "nothing", "sent": { "type": "null" }, "accepted": { "type": "null" } },
    ] })
    };
    let namespace = json!({ "name": "Admin", "path": "/admin" });
    let optional = json!({ "name": "more", "optional": true, "sent": true, "accepted": true });
    let argument =
        json!({ "name": "more", "sent": { "type": "string" }, "accepted": { "type": "string" } });
    let unit = json!({ "kind": "unit" });
    vec![
        (
            "namespace-added",
            "namespace-removed",
            vec![("/namespaces/-", namespace)],
        ),
        (
            "namespace-moved",
            "namespace-moved",
            vec![("/namespaces/0/path", json!("/talk"))],
        ),
        (
            "parameters-changed",
            "parameters-changed",
            vec![(
                "/namespaces/1/parameters/0/schema",
                json!({ "type": "integer" }),
            )],
        ),
        (
            "sent-event-added",
            "sent-event-removed",
            vec![("/namespaces/0/serverToClient/events/-", event("farewell"))],
        ),
        (
            "sent-event-renamed",
            "sent-event-renamed",
            vec![(
                "/namespaces/0/serverToClient/events/0/name",
                json!("messages"),
            )],
        ),
        (
            "accepted-event-added",
            "accepted-event-removed",
            vec![("/namespaces/0/clientToServer/events/-", event("farewell"))],
        ),
        (
            "accepted-event-renamed",
            "accepted-event-renamed",
            vec![("/namespaces/0/clientToServer/events/0/name", json!("posts"))],
        ),
        (
            "sent-argument-added",
            "sent-argument-removed",
            vec![(
                "/namespaces/0/serverToClient/events/0/arguments/-",
                argument.clone(),
            )],
        ),
        (
            "sent-argument-optional",
            "sent-argument-required",
            vec![(
                "/namespaces/0/serverToClient/events/0/arguments/1/optional",
                json!(true),
            )],
        ),
        (
            "accepted-argument-added",
            "accepted-argument-removed",
            vec![(
                "/namespaces/0/clientToServer/events/0/arguments/-",
                argument,
            )],
        ),
        (
            "accepted-argument-optional",
            "accepted-argument-required",
            vec![(
                "/namespaces/0/clientToServer/events/0/arguments/1/optional",
                json!(true),
            )],
        ),
        (
            "optional-argument-added",
            "optional-argument-removed",
            vec![(
                "/namespaces/0/clientToServer/events/1/arguments/-",
                optional,
            )],
        ),
        (
            "sent-field-removed",
            "sent-field-added",
            vec![("/definitions/sent/Message/required/0", Value::Null)],
        ),
        (
            "sent-variant-added",
            "sent-variant-removed",
            vec![(
                "/definitions/sent/Message/properties/kind/enum/-",
                json!("loud"),
            )],
        ),
        (
            "sent-null-removed",
            "sent-null-added",
            vec![(
                "/definitions/sent/Message/properties/to/type",
                json!("string"),
            )],
        ),
        (
            "sent-range-widened",
            "sent-range-narrowed",
            vec![(
                "/definitions/sent/Message/properties/count",
                json!({ "type": "integer", "format": "uint16", "minimum": 0, "maximum": 65535 }),
            )],
        ),
        (
            "sent-type-narrowed",
            "sent-type-widened",
            vec![(
                "/definitions/sent/Message/properties/either/type",
                json!("string"),
            )],
        ),
        (
            "accepted-field-removed",
            "accepted-field-added",
            vec![("/definitions/accepted/Message/required/0", Value::Null)],
        ),
        (
            "accepted-variant-added",
            "accepted-variant-removed",
            vec![(
                "/definitions/accepted/Message/properties/kind/enum/-",
                json!("loud"),
            )],
        ),
        (
            "accepted-null-removed",
            "accepted-null-added",
            vec![(
                "/definitions/accepted/Message/properties/to/type",
                json!("string"),
            )],
        ),
        (
            "accepted-type-narrowed",
            "accepted-type-widened",
            vec![(
                "/definitions/accepted/Message/properties/either/type",
                json!("string"),
            )],
        ),
        (
            "sent-event-acknowledged",
            "sent-event-unacknowledged",
            vec![(
                "/namespaces/0/serverToClient/events/0/acknowledgement",
                unit.clone(),
            )],
        ),
        (
            "accepted-event-acknowledged",
            "accepted-event-unacknowledged",
            vec![(
                "/namespaces/0/clientToServer/events/2/acknowledgement",
                unit,
            )],
        ),
        (
            "acknowledgement-form-changed",
            "acknowledgement-form-changed",
            vec![(
                "/namespaces/0/clientToServer/events/1/acknowledgement",
                json!({
                    "kind": "fallible",
                    "data": { "sent": { "type": "string" } },
                    "error": { "sent": { "type": "string" } },
                }),
            )],
        ),
        (
            "auth-removed",
            "auth-added",
            vec![("/namespaces/0/auth", Value::Null)],
        ),
        (
            "connect-error-changed",
            "connect-error-changed",
            vec![(
                "/namespaces/0/connectError",
                json!({ "sent": { "type": "string" } }),
            )],
        ),
        (
            "inter-server-event-changed",
            "inter-server-event-changed",
            vec![("/namespaces/0/interServer/events/-", event("unban"))],
        ),
        (
            "inter-server-payload-changed",
            "inter-server-payload-changed",
            vec![(
                "/namespaces/0/interServer/events/0/arguments/0",
                json!({ "name": "user", "sent": { "type": "integer" }, "accepted": { "type": "integer" } }),
            )],
        ),
        (
            "socket-data-changed",
            "socket-data-changed",
            vec![(
                "/namespaces/0/socketData",
                json!({ "sent": { "type": "integer" }, "accepted": { "type": "integer" } }),
            )],
        ),
        (
            "documentation-changed",
            "documentation-changed",
            vec![(
                "/namespaces/0/serverToClient/events/0/docs",
                json!("It is said."),
            )],
        ),
    ]
}
