//! Code snippets that show how to use an event, in TypeScript and Rust.

use schemars::Schema as JsonSchema;
use serde_json::{Map, Value};
use sio_types_schema::{Acknowledgement, EventSchema, NamespaceSchema, PayloadSchema};

use super::example::{BINARY, OMITTED};
use crate::json_schema::is_binary;
use crate::typescript::Direction;
use crate::typescript::reference::{Role, parameters};

/// Returns the snippet for a client, or for a Node server if the event flows between servers. `answer` is the
/// acknowledgement that a client may send.
pub(super) fn typescript(
    event: &EventSchema,
    role: Role,
    arguments: &[Value],
    answer: Option<&Value>,
) -> String {
    let name = literal(&Value::String(event.name.clone()), 0);
    let values = arguments.iter().map(|value| literal(value, 0));
    let sent: Vec<_> = std::iter::once(name.clone()).chain(values).collect();
    let sent = sent.join(", ");
    match role {
        Role::ServerToClient => listener(event, &name, answer),
        Role::BetweenServers => match event.acknowledgement {
            Some(_) => format!("const answers = await server.serverSideEmitWithAck({sent});"),
            None => format!("server.serverSideEmit({sent});"),
        },
        Role::ClientToServer => match event.acknowledgement {
            None => format!("socket.emit({sent});"),
            Some(Acknowledgement::Unit) => format!("await socket.emitWithAck({sent});"),
            Some(Acknowledgement::Fallible { .. }) => format!(
                "const answer = await socket.emitWithAck({sent});\n\
                 switch (answer.status) {{\n  \
                 case \"ok\":\n    console.log(answer.data);\n    break;\n  \
                 case \"error\":\n    console.error(answer.error);\n    break;\n  \
                 case \"rejected\":\n    console.error(answer.reason.message);\n}}"
            ),
            Some(_) => format!("const answer = await socket.emitWithAck({sent});"),
        },
    }
}

fn listener(event: &EventSchema, name: &str, answer: Option<&Value>) -> String {
    let names = event
        .arguments
        .iter()
        .map(|argument| argument.name.as_str());
    let acknowledged = event.acknowledgement.as_ref().map(|_| "ack");
    let names = parameters(names.chain(acknowledged));
    let answer = answer.map(|answer| literal(answer, 2)).unwrap_or_default();
    let body = match acknowledged {
        Some(_) => format!("  ack({answer});\n"),
        None => "  // …\n".to_owned(),
    };
    format!("socket.on({name}, ({}) => {{\n{body}}});", names.join(", "))
}

/// Returns the snippet for the Rust server.
pub(super) fn rust(namespace: &NamespaceSchema, event: &EventSchema, role: Role) -> String {
    let name = raw(&event.method);
    let borrowed = event
        .arguments
        .iter()
        .map(|argument| format!("&{}", raw(&argument.name)));
    let borrowed = borrowed.collect::<Vec<_>>().join(", ");
    match role {
        Role::ClientToServer => handler(namespace, event),
        Role::ServerToClient if event.acknowledgement.is_some() => {
            format!("let answer = socket.emit().{name}({borrowed}).await?;")
        }
        Role::ServerToClient => format!(
            "socket.emit().{name}({borrowed})?;\n{}.emit().{name}({borrowed}).await?;",
            of(namespace)
        ),
        Role::BetweenServers => {
            let answers = if event.acknowledgement.is_some() {
                "let answers = "
            } else {
                ""
            };
            format!(
                "{answers}{}.servers().emit().{name}({borrowed}).await?;",
                of(namespace)
            )
        }
    }
}

fn of(namespace: &NamespaceSchema) -> String {
    let fields = namespace
        .parameters
        .iter()
        .map(|parameter| raw(&parameter.name));
    let fields: Vec<_> = fields.collect();
    match &*fields {
        [] => format!("io.of({})", namespace.name),
        fields => format!("io.of({} {{ {} }})", namespace.name, fields.join(", ")),
    }
}

fn handler(namespace: &NamespaceSchema, event: &EventSchema) -> String {
    let set = &namespace.client_to_server.trait_name;
    let socket = format!("Socket<{}>", namespace.name);
    let arguments = event.arguments.iter().map(|argument| {
        let schema = argument.payload.accepted.as_ref();
        let ty = schema.map_or("_".to_owned(), |schema| rust_type(schema.as_value()));
        let ty = match argument.optional && !ty.starts_with("Option<") {
            true => format!("Option<{ty}>"),
            false => ty,
        };
        format!(", {}: {ty}", raw(&argument.name))
    });
    let of_data = |schema: &Option<JsonSchema>| {
        schema
            .as_ref()
            .map_or("_".to_owned(), |schema| rust_type(schema.as_value()))
    };
    let answer = match &event.acknowledgement {
        Some(Acknowledgement::Value { data, .. }) => format!(" -> {}", of_data(&data.sent)),
        Some(Acknowledgement::Fallible { data, error, .. }) => {
            format!(
                " -> Result<{}, {}>",
                of_data(&data.sent),
                of_data(&error.sent)
            )
        }
        _ => String::new(),
    };
    format!(
        "impl {set}<{socket}> for Server {{\n    async fn {}(&self, socket: {socket}{}){answer} {{\n        todo!()\n    }}\n}}",
        raw(&event.method),
        arguments.collect::<String>()
    )
}

/// Returns the most likely Rust type of a schema, or `_` if it cannot be determined.
fn rust_type(schema: &Value) -> String {
    let Value::Object(fields) = schema else {
        return "_".to_owned();
    };
    if let Some(Value::String(reference)) = fields.get("$ref") {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return match name.split_once("_of_") {
            Some((outer, inner)) => format!("{outer}<{}>", inner.replace("_and_", ", ")),
            None => name.to_owned(),
        };
    }
    if is_binary(fields) {
        return "Binary".to_owned();
    }
    if let Some(Value::Array(members)) = fields.get("anyOf")
        && let [some, null] = &**members
        && null["type"] == "null"
    {
        return format!("Option<{}>", rust_type(some));
    }
    match fields.get("type") {
        Some(Value::String(ty)) => simple(ty, fields),
        Some(Value::Array(types)) => match &**types {
            [Value::String(ty), null] if null == "null" => {
                format!("Option<{}>", simple(ty, fields))
            }
            _ => "_".to_owned(),
        },
        _ => "_".to_owned(),
    }
}

fn simple(ty: &str, fields: &Map<String, Value>) -> String {
    let format = fields
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match (ty, format) {
        ("boolean", _) => "bool",
        ("null", _) => "()",
        ("integer" | "number", "float") => "f32",
        ("number", _) => "f64",
        ("integer", "uint") => "usize",
        ("integer", "int") => "isize",
        ("integer", format) => {
            let (letter, bits) = match format.strip_prefix("uint") {
                Some(bits) => ("u", bits),
                None => ("i", format.strip_prefix("int").unwrap_or("64")),
            };
            return format!("{letter}{bits}");
        }
        ("string", "uuid") => "Uuid",
        ("string", "") => "String",
        ("array", _) => {
            if let Some(Value::Array(items)) = fields.get("prefixItems") {
                let items: Vec<_> = items.iter().map(rust_type).collect();
                return format!("({})", items.join(", "));
            }
            let item = fields.get("items").map_or("_".to_owned(), rust_type);
            return format!("Vec<{item}>");
        }
        ("object", _) if fields.contains_key("additionalProperties") => {
            let value = rust_type(&fields["additionalProperties"]);
            return format!("HashMap<String, {value}>");
        }
        _ => "_",
    }
    .to_owned()
}

/// Formats a value as a JavaScript literal.
pub(super) fn literal(value: &Value, indent: usize) -> String {
    let inner = " ".repeat(indent + 2);
    let outer = " ".repeat(indent);
    let block = |open: char, parts: Vec<String>, close: char| {
        let short = format!("{open}{}{close}", parts.join(", "));
        if short.len() < 60 && !short.contains('\n') {
            return short;
        }
        let parts: String = parts
            .iter()
            .map(|part| format!("{inner}{part},\n"))
            .collect();
        format!("{open}\n{parts}{outer}{close}")
    };
    match value {
        Value::Object(fields) if fields.contains_key(BINARY) => {
            "new Uint8Array([1, 2, 3])".to_owned()
        }
        Value::Object(fields) if fields.contains_key(OMITTED) => {
            "null /* example left out: too long */".to_owned()
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let parts = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", key(name), literal(value, indent + 2)));
            let text = block('{', parts.collect(), '}');
            match text.contains('\n') {
                true => text,
                false => format!("{{ {} }}", &text[1..text.len() - 1]),
            }
        }
        Value::Array(items) => {
            let parts = items.iter().map(|item| literal(item, indent + 2));
            block('[', parts.collect(), ']')
        }
        other => other.to_string(),
    }
}

fn key(name: &str) -> String {
    crate::typescript::reference::key(name)
}

/// Returns a Rust name, as a raw identifier if it is a keyword.
fn raw(name: &str) -> String {
    const KEYWORDS: [&str; 12] = [
        "as", "async", "break", "final", "fn", "in", "loop", "match", "move", "ref", "type", "use",
    ];
    match KEYWORDS.contains(&name) {
        true => format!("r#{name}"),
        false => name.to_owned(),
    }
}

/// Returns the schema of a payload in one direction.
pub(super) fn schema_of(payload: &PayloadSchema, direction: Direction) -> Option<&Value> {
    let schema = match direction {
        Direction::Sent => payload.sent.as_ref(),
        Direction::Accepted => payload.accepted.as_ref(),
    };
    schema.map(JsonSchema::as_value)
}
