//! The validators of `--zod`: by the TypeScript compiler, and against an implementation of JSON Schema.
#![allow(
    dead_code,
    missing_docs,
    reason = "types that only stand for their shape"
)]

use std::process::Command;

use proptest::prelude::Rng as _;
use proptest::test_runner::{TestRng, TestRunner};
use serde_json::{Map, Value, json};
use sio_types_cli::typescript::{Target, print_for};
use sio_types_schema::{Schema, keys};
use sio_types_test_support::{
    cli::{chat, zoo},
    command::{self, RunningCommand},
    typescript::{assert_compiles, assert_formatted, compiled, packages},
};

fn print(schema: &Schema) -> String {
    let target = Target {
        zod: true,
        ..Target::default()
    };
    print_for(schema, target).unwrap().text
}

#[test]
fn they_have_the_types_of_what_they_validate() {
    let text = print(&zoo().schema().unwrap());
    assert_formatted(&text);
    assert_compiles(&text, "");
    let text = print(&chat().schema().unwrap());
    assert_formatted(&text);
    let uses = r#"
        import { validators, type ChatMessage } from "./events.js";
        const [message]: [ChatMessage] = validators["/chat"].serverToClient.chatMessage.arguments.parse([]);
        message.text.trim();
        // @ts-expect-error: there is no such event
        validators["/chat"].serverToClient.nothing;
    "#;
    assert_compiles(&text, uses);
}

/// The same verdict as that of the JSON Schema, for values that fit and for values that nearly fit.
#[test]
fn they_accept_what_the_schema_does() {
    let schema = zoo().schema().unwrap();
    let text = print(&schema);
    let document = plain(serde_json::to_value(&schema).unwrap());
    let mut random = TestRunner::deterministic().new_rng();
    let (mut values, mut expected) = (Vec::new(), Vec::new());
    for (name, root) in printed(&document, &text) {
        let mut whole = root.clone();
        whole["definitions"] = document["definitions"].clone();
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        for _ in 0..60 {
            let mut maker = Maker {
                document: &document,
                random: &mut random,
            };
            let value = maker.value(&root, 0);
            let value = maker.spoilt(value);
            expected.push(validator.is_valid(&value));
            values.push(json!([name, value]));
        }
    }
    let fitting = expected.iter().filter(|fits| **fits).count();
    assert!(
        fitting > 300 && expected.len() - fitting > 300,
        "{fitting} of {}",
        expected.len()
    );

    let directory = tempfile::tempdir_in(packages()).unwrap();
    let verdicts = judged(&compiled(directory.path(), &text), &values);
    for ((value, expected), verdict) in values.iter().zip(&expected).zip(&verdicts) {
        assert_eq!(verdict, expected, "{value}");
    }
}

/// Readers get sets as lists, and JSON has no binary data.
fn plain(schema: Value) -> Value {
    match schema {
        Value::Object(mut fields) => {
            fields.remove("uniqueItems");
            fields
                .into_iter()
                .map(|(key, value)| (key, plain(value)))
                .collect()
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

/// The validators of the module, with the schemas that they are made from.
fn printed(document: &Value, text: &str) -> Vec<(String, Value)> {
    let mut printed = Vec::new();
    for (direction, suffix) in [("sent", ""), ("accepted", "Input")] {
        let definitions = document["definitions"][direction].as_object().unwrap();
        for name in definitions.keys() {
            let name_in_module = format!(
                "{}{suffix}",
                name.replace("_for_", "For").replace("_of_", "Of")
            );
            let root = json!({ "$ref": format!("#/definitions/{direction}/{name}") });
            let is_there = text.contains(&format!("export const {name_in_module}Schema:"));
            if is_there && !has_binary(document, &root, 0) {
                printed.push((name_in_module, root));
            }
        }
    }
    printed
}

fn has_binary(document: &Value, schema: &Value, depth: usize) -> bool {
    match schema {
        Value::Object(fields) if fields.contains_key(keys::BINARY) => true,
        Value::Object(fields) => fields.iter().any(|(key, value)| match value.as_str() {
            Some(reference) if key == "$ref" => {
                depth < 8 && has_binary(document, target(document, reference), depth + 1)
            }
            _ => has_binary(document, value, depth),
        }),
        Value::Array(items) => items.iter().any(|item| has_binary(document, item, depth)),
        _ => false,
    }
}

fn target<'a>(document: &'a Value, reference: &str) -> &'a Value {
    document.pointer(reference.trim_start_matches('#')).unwrap()
}

/// Makes values at random.
struct Maker<'a> {
    document: &'a Value,
    random: &'a mut TestRng,
}

impl Maker<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.random.next_u32() as usize % count
    }

    /// A value that fits, as a rule.
    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        let Value::Object(fields) = schema else {
            return Value::Null;
        };
        if let Some(value) = fields.get("const") {
            return value.clone();
        }
        if let Some(Value::Array(values)) = fields.get("enum") {
            return values[self.below(values.len())].clone();
        }
        let mut parts = Vec::new();
        if let Some(Value::String(reference)) = fields.get("$ref") {
            parts.push(self.value(target(self.document, reference), depth + 1));
        }
        for combinator in ["oneOf", "anyOf"] {
            if let Some(Value::Array(members)) = fields.get(combinator) {
                // What contains itself ends with the last alternative, which is `null` or the like.
                let index = if depth > 6 {
                    members.len() - 1
                } else {
                    self.below(members.len())
                };
                parts.push(self.value(&members[index], depth + 1));
            }
        }
        if let Some(Value::Array(members)) = fields.get("allOf") {
            parts.extend(
                members
                    .iter()
                    .map(|member| self.value(member, depth + 1))
                    .collect::<Vec<_>>(),
            );
        }
        if parts.is_empty() || fields.contains_key("properties") {
            parts.push(self.typed(fields, depth));
        }
        let both = |left: Value, right: Value| match (left, right) {
            (Value::Object(mut left), Value::Object(right)) => {
                left.extend(right);
                Value::Object(left)
            }
            (left, _) => left,
        };
        parts.into_iter().reduce(both).unwrap()
    }

    fn typed(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        let ty = match &fields.get("type") {
            Some(Value::Array(types)) => types[self.below(types.len())].as_str(),
            Some(ty) => ty.as_str(),
            None => None,
        };
        match ty {
            Some("boolean") => (self.below(2) == 0).into(),
            Some("integer") => fields
                .get("minimum")
                .cloned()
                .unwrap_or_else(|| (self.below(300) as i64 - 100).into()),
            Some("number") => json!(self.below(100) as f64 / 8.0),
            Some("string") => self.text(fields).into(),
            Some("array") => self.array(fields, depth),
            Some("object") => self.object(fields, depth),
            _ => Value::Null,
        }
    }

    fn text(&mut self, fields: &Map<String, Value>) -> String {
        let least = fields.get("minLength").and_then(Value::as_u64).unwrap_or(0);
        let texts = ["", "a", "\u{1f600}", "12", "two words"];
        let text = texts[self.below(texts.len())];
        match (text.chars().count() as u64) < least {
            true => "\u{1f600}".repeat(usize::try_from(least).unwrap()),
            false => text.to_owned(),
        }
    }

    fn array(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        if let Some(Value::Array(items)) = fields.get("prefixItems") {
            return items
                .iter()
                .map(|item| self.value(item, depth + 1))
                .collect();
        }
        let least = fields.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let more = if depth > 6 { 0 } else { self.below(3) };
        let count = usize::try_from(least).unwrap().max(more);
        (0..count)
            .map(|_| self.value(&fields["items"], depth + 1))
            .collect()
    }

    fn object(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        let mut object = Map::new();
        let required = fields.get("required").and_then(Value::as_array);
        for (name, schema) in fields
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let is_required = required.is_some_and(|names| names.iter().any(|it| it == name));
            if is_required || (depth < 6 && self.below(2) == 0) {
                object.insert(name.clone(), self.value(schema, depth + 1));
            }
        }
        if let Some(schema @ Value::Object(_)) = fields.get("additionalProperties") {
            object.insert("other".to_owned(), self.value(schema, depth + 1));
        }
        for (_, schema) in fields
            .get("patternProperties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            object.insert("7".to_owned(), self.value(schema, depth + 1));
        }
        Value::Object(object)
    }

    /// The same value, or one with something else somewhere.
    fn spoilt(&mut self, mut value: Value) -> Value {
        if self.below(3) == 0 {
            return value;
        }
        let mut place = &mut value;
        loop {
            let is_deep_enough = self.below(3) == 0;
            let count = match place {
                Value::Object(fields) => fields.len(),
                Value::Array(items) => items.len(),
                _ => 0,
            };
            if is_deep_enough || count == 0 {
                break;
            }
            let index = self.below(count);
            place = match place {
                Value::Object(fields) => fields.values_mut().nth(index).unwrap(),
                Value::Array(items) => &mut items[index],
                _ => unreachable!(),
            };
        }
        let removed = self.below(2) == 0;
        match place {
            Value::Object(fields) if removed && !fields.is_empty() => {
                let name = fields.keys().nth(self.below(fields.len())).unwrap().clone();
                fields.remove(&name);
            }
            Value::Object(fields) if removed => _ = fields.insert("unknown".to_owned(), 1.into()),
            Value::Array(items) if removed && !items.is_empty() => _ = items.pop(),
            place => {
                let others = json!([null, 1, -1, 1.5, 300, "x", "", true, [], {}, [1], { "a": 1 }]);
                *place = others[self.below(12)].clone();
            }
        }
        value
    }
}

/// Results of the validators.
fn judged(module: &std::path::Path, values: &[Value]) -> Vec<bool> {
    let mut node = Command::new("node");
    node.current_dir(packages()).arg("validate.mjs").arg(module);
    let text = serde_json::to_vec(values).unwrap();
    let output = RunningCommand::start_with(&mut node, text).output();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Binary data has no JSON: it is judged on its own.
#[test]
fn binary_data_is_what_may_be_sent() {
    let text = print(&zoo().schema().unwrap());
    let directory = tempfile::tempdir_in(packages()).unwrap();
    let module = compiled(directory.path(), &text);
    let script = format!(
        "import {{ AttachmentInputSchema as schema }} from {:?};
         const fits = (data, preview) => schema.safeParse({{ name: 'a', data, preview }}).success;
         const verdicts = [fits(new Uint8Array(2), null), fits(new Blob(), new ArrayBuffer(1)), fits('text', null), fits(undefined, null)];
         process.exit(JSON.stringify(verdicts) === '[true,true,false,false]' ? 0 : 1);",
        module
    );
    let mut node = Command::new("node");
    let output = command::output(node.args(["--input-type=module", "--eval", &script]));
    assert!(output.status.success(), "{output:?}");
}
