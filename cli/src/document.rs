//! Reads schema documents, including untrusted ones.
//!
//! A document may come from another program, another repository or an untrusted source. The limits here, which
//! `docs/schema-limits.md` lists, bound the work of the generators. They are far above what a person writes, and every
//! error names the limit that a document exceeds.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use sio_types_schema::{
    Acknowledgement, EventSchema, NamespaceSchema, PayloadSchema, Schema, SchemaError,
};

use crate::error::Error;

/// Maximum size of a document in bytes.
const MAX_BYTES: usize = 32 << 20;

/// Maximum number of JSON values in a document, and in all of its payloads and types.
const MAX_VALUES: usize = 2_000_000;

/// Maximum number of named types in each direction.
const MAX_TYPES: usize = 10_000;

/// Maximum number of namespaces.
const MAX_NAMESPACES: usize = 1_000;

/// Maximum number of events in all namespaces.
const MAX_EVENTS: usize = 10_000;

/// Maximum number of arguments of an event.
const MAX_ARGUMENTS: usize = 64;

/// Maximum length in bytes of a name or a path.
const MAX_NAME: usize = 1_000;

/// Maximum number of JSON values that namespaces refer to, counted once for each namespace that uses them: the
/// fingerprint of a namespace covers all of its values.
const MAX_REACHABLE: usize = 20_000_000;

const SPLIT: &str = "split the application into several crates, each with its own schema document";

/// Reads a document from a file.
pub(crate) fn read(path: &Path) -> Result<Schema, Error> {
    let fails = |error| Error::io("read", path, &error);
    let mut bytes = Vec::new();
    // Reading one byte more than the limit shows that the limit is exceeded. A device may never end.
    let file = File::open(path).map_err(fails)?;
    let limit = MAX_BYTES as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(fails)?;
    if bytes.len() <= MAX_BYTES && std::str::from_utf8(&bytes).is_err() {
        return Err(fails(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "stream did not contain valid UTF-8",
        )));
    }
    parse(&bytes).map_err(|error| error.at(path.display()))
}

/// Parses a document from the contents of a file or the output of another program.
pub(crate) fn parse(bytes: &[u8]) -> Result<Schema, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::schema(format!(
            "the schema document exceeds the limit of {MAX_BYTES} bytes"
        ))
        .help(SPLIT));
    }
    at_most("values", values(bytes), MAX_VALUES, SPLIT)?;
    let again = "generate it again with `sio-types gen-schema`";
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::schema(format!("not a schema document: {error}")).help(again))?;
    let schema = Schema::from_json(text).map_err(|error| match error {
        SchemaError::Json(error) if error.to_string().starts_with("recursion limit exceeded") => {
            let place = format!("line {}, column {}", error.line(), error.column());
            Error::schema(format!(
                "the schema document exceeds the limit of 127 levels of nesting at {place}"
            ))
            .help("define nested types as named types with `#[derive(JsonSchema)]`")
        }
        error => Error::schema(error.to_string()).help(again),
    })?;
    check(&schema)?;
    Ok(schema)
}

/// Counts the JSON values of a text without allocating them.
fn values(bytes: &[u8]) -> usize {
    let mut values = 1;
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b',' | b'[' | b'{' => values += 1,
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => _ = bytes.next(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    values
}

/// Fails if the document exceeds a limit.
pub(crate) fn check(schema: &Schema) -> Result<(), Error> {
    let definitions = &schema.definitions;
    for (direction, types) in [
        ("sent", &definitions.sent),
        ("accepted", &definitions.accepted),
    ] {
        at_most(&format!("{direction} types"), types.len(), MAX_TYPES, SPLIT)?;
        types
            .keys()
            .try_for_each(|name| name_fits("type name", name))?;
    }
    at_most("namespaces", schema.namespaces.len(), MAX_NAMESPACES, SPLIT)?;
    let mut events = 0;
    for namespace in &schema.namespaces {
        events += sets(namespace).map(|set| set.len()).sum::<usize>();
        check_namespace(namespace)?;
    }
    at_most("events", events, MAX_EVENTS, SPLIT)?;
    Weights::new(schema)?.check(schema)
}

fn check_namespace(namespace: &NamespaceSchema) -> Result<(), Error> {
    name_fits("namespace name", &namespace.name)?;
    name_fits("path", &namespace.path)?;
    name_fits(
        "TypeScript prefix",
        namespace.ts_prefix.as_deref().unwrap_or_default(),
    )?;
    let parameters = namespace.parameters.iter();
    parameters
        .map(|it| &it.name)
        .try_for_each(|name| name_fits("parameter name", name))?;
    at_most(
        "parameters of a path",
        namespace.parameters.len(),
        MAX_ARGUMENTS,
        "shorten the path",
    )?;
    for set in [
        &namespace.server_to_client,
        &namespace.client_to_server,
        &namespace.inter_server,
    ] {
        name_fits("trait name", &set.trait_name)?;
    }
    for event in sets(namespace).flatten() {
        name_fits("event name", &event.name)?;
        name_fits("method name", &event.method)?;
        let what = format!("arguments of the event `{}`", event.name);
        let help = "replace the arguments with a struct";
        at_most(&what, event.arguments.len(), MAX_ARGUMENTS, help)?;
        let mut arguments = event.arguments.iter().map(|it| &it.name);
        arguments.try_for_each(|name| name_fits("argument name", name))?;
    }
    Ok(())
}

fn at_most(what: &str, count: usize, limit: usize, help: &str) -> Result<(), Error> {
    if count <= limit {
        return Ok(());
    }
    let what = format!("the schema document has {count} {what}; the limit is {limit}");
    Err(Error::schema(what).help(help))
}

fn name_fits(what: &str, name: &str) -> Result<(), Error> {
    if name.len() <= MAX_NAME {
        return Ok(());
    }
    let start: String = name.chars().take(40).collect();
    let length = name.len();
    let what = format!("the {what} `{start}…` has {length} bytes; the limit is {MAX_NAME}");
    Err(Error::schema(what).help("shorten it"))
}

fn sets(namespace: &NamespaceSchema) -> impl Iterator<Item = &Vec<EventSchema>> {
    [
        &namespace.server_to_client.events,
        &namespace.client_to_server.events,
        &namespace.inter_server.events,
    ]
    .into_iter()
}

/// Returns the JSON Schemas of all payloads of a namespace.
fn payloads(namespace: &NamespaceSchema) -> impl Iterator<Item = &Value> {
    let mut all: Vec<&PayloadSchema> = Vec::new();
    for event in sets(namespace).flatten() {
        all.extend(event.arguments.iter().map(|argument| &argument.payload));
        match &event.acknowledgement {
            Some(Acknowledgement::Value { data, .. }) => all.push(data),
            Some(Acknowledgement::Fallible { data, error, .. }) => all.extend([data, error]),
            _ => {}
        }
    }
    let others = [
        &namespace.auth,
        &namespace.connect_error,
        &namespace.socket_data,
    ];
    all.extend(others.into_iter().flatten());
    all.into_iter()
        .flat_map(|payload| payload.sent.iter().chain(&payload.accepted))
        .map(schemars::Schema::as_value)
}

/// Number of JSON values of each type, and the types that it refers to.
struct Weights<'a> {
    types: BTreeMap<String, Weight<'a>>,
}

#[derive(Default)]
struct Weight<'a> {
    values: usize,
    references: Vec<&'a str>,
}

impl<'a> Weights<'a> {
    fn new(schema: &'a Schema) -> Result<Self, Error> {
        let mut types = BTreeMap::new();
        let mut values = 0;
        let definitions = &schema.definitions;
        for (direction, schemas) in [
            ("sent", &definitions.sent),
            ("accepted", &definitions.accepted),
        ] {
            for (name, schema) in schemas {
                let weight = Weight::of(schema.as_value());
                values += weight.values;
                types.insert(format!("#/definitions/{direction}/{name}"), weight);
            }
        }
        values += schema
            .namespaces
            .iter()
            .flat_map(payloads)
            .map(|payload| Weight::of(payload).values)
            .sum::<usize>();
        at_most("values in its types", values, MAX_VALUES, SPLIT)?;
        Ok(Self { types })
    }

    fn check(&self, schema: &'a Schema) -> Result<(), Error> {
        let mut values = 0;
        for namespace in &schema.namespaces {
            let mut known = HashSet::new();
            let mut waiting: Vec<&str> = Vec::new();
            for payload in payloads(namespace) {
                let weight = Weight::of(payload);
                values += weight.values;
                waiting.extend(weight.references);
            }
            while let Some(reference) = waiting.pop() {
                if let Some(weight) = self.types.get(reference)
                    && known.insert(reference)
                {
                    values += weight.values;
                    waiting.extend(&weight.references);
                }
                if values > MAX_REACHABLE {
                    let what = "values in the types of all namespaces";
                    return at_most(what, values, MAX_REACHABLE, SPLIT);
                }
            }
        }
        Ok(())
    }
}

impl<'a> Weight<'a> {
    fn of(schema: &'a Value) -> Self {
        let mut weight = Self::default();
        weight.add(schema);
        weight
    }

    fn add(&mut self, value: &'a Value) {
        self.values += 1;
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    if let ("$ref", Value::String(reference)) = (key.as_str(), value) {
                        self.references.push(reference);
                    }
                    self.add(value);
                }
            }
            // A long text has the weight of the short texts that would fit into it.
            Value::String(text) => self.values += text.len() / 64,
            _ => {}
        }
    }
}
