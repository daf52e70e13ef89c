//! Random values of every type of the zoo: values that Rust serializes fit the schema and the type, and Rust and the
//! type accept values that fit the schema.
//!
//! `ZOO_CASES` sets the number of values of each type, for a long run.

mod drawing;

use std::{cell::Cell, collections::BTreeMap};

use arbitrary::Unstructured;
use drawing::Drawing;
use jsonschema::Validator;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json};
use sio_types::schema::Flow;
use sio_types_test_support::typescript::assert_compiles;
use sio_types_zoo::{Specimen, schema, specimens, uses::Uses};

/// Types in the form of text whose syntax Rust checks more strictly than the schema: `decoded` may reject a drawn
/// value.
const READ_FROM_TEXT: [&str; 10] = [
    "a_map_by_bool",
    "a_map_by_char",
    "a_map_by_uuid",
    "a_socket_address",
    "as_text",
    "converting",
    "converting_variant",
    "converting_with_defaults",
    "parsed",
    "some_times",
];

fn runner() -> TestRunner {
    let cases = std::env::var("ZOO_CASES").ok();
    TestRunner::new(Config {
        cases: cases.and_then(|cases| cases.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..Config::default()
    })
}

/// Generates the bytes from which values are drawn. proptest shortens and simplifies them after a failure.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..512)
}

/// Asserts a property of every type on random bytes. The property returns `true` if the bytes make a value.
fn for_every_type(property: impl Fn(&Specimen, &[u8]) -> Result<bool, String>) {
    let mut failures = Vec::new();
    for specimen in &specimens() {
        let values = Cell::new(0);
        let run = runner().run(&bytes(), |bytes| {
            let is_value = property(specimen, &bytes).map_err(TestCaseError::fail)?;
            values.set(values.get() + u32::from(is_value));
            Ok(())
        });
        assert!(values.get() > 0, "no value of {} was drawn", specimen.event);
        if let Err(error) = run {
            failures.push(format!("{}: {error}", specimen.event));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Returns the JSON Schemas of one direction, by namespace.
fn json_schemas(flow: Flow) -> BTreeMap<String, Value> {
    let schema = schema();
    let of = |path: &str| schema.json_schema(path, flow).expect("its namespace");
    let paths = schema.namespaces.iter().map(|namespace| &namespace.path);
    paths.map(|path| (path.clone(), of(path))).collect()
}

fn validators(flow: Flow) -> BTreeMap<String, Validator> {
    let validator = |schema: &Value| {
        jsonschema::meta::validate(schema).expect("a schema by the standard's own");
        jsonschema::draft202012::options()
            // chrono has years that the format does not allow, and url has paths.
            .should_validate_formats(flow == Flow::ClientToServer)
            .build(schema)
            .expect("a schema without open ends")
    };
    let schemas = json_schemas(flow);
    schemas
        .iter()
        .map(|(path, schema)| (path.clone(), validator(schema)))
        .collect()
}

/// Draws a value as Rust serializes it; `None` if the bytes do not make one.
fn sent(specimen: &Specimen, bytes: &[u8]) -> Option<Value> {
    (specimen.random)(&mut Unstructured::new(bytes)).unwrap_or_default()
}

/// Draws a value that fits the schema of accepted values; `None` if the bytes do not make one.
fn accepted(specimen: &Specimen, schema: &Value, bytes: &[u8]) -> Option<Value> {
    let packets = schema["oneOf"].as_array().expect("events");
    let is_named = |packet: &&Value| packet["prefixItems"][0]["const"] == specimen.event;
    let packet = packets.iter().find(is_named).expect("its event");
    let mut drawing = Drawing {
        document: schema,
        source: &mut Unstructured::new(bytes),
        depth: 0,
    };
    drawing.draw(&packet["prefixItems"][1]).ok()
}

#[test]
fn what_is_sent_fits_the_schema() {
    let validators = validators(Flow::ServerToClient);
    for_every_type(|specimen, bytes| {
        let Some(value) = sent(specimen, bytes) else {
            return Ok(false);
        };
        let packet = json!([specimen.event, value]);
        validators[specimen.namespace]
            .validate(&packet)
            .map(|()| true)
            .map_err(|error| format!("{packet}: {error}"))
    });
}

#[test]
fn what_fits_the_schema_is_accepted() {
    let (schemas, validators) = (
        json_schemas(Flow::ClientToServer),
        validators(Flow::ClientToServer),
    );
    for_every_type(|specimen, bytes| {
        let schema = &schemas[specimen.namespace];
        let Some(value) = accepted(specimen, schema, bytes) else {
            return Ok(false);
        };
        let packet = json!([specimen.event, value]);
        if !validators[specimen.namespace].is_valid(&packet) {
            return Err(format!(
                "{packet} was drawn by the schema and does not fit it"
            ));
        }
        match (specimen.decoded)(value) {
            Err(error) if !READ_FROM_TEXT.contains(&specimen.event) => {
                Err(format!("{packet}: {error}"))
            }
            _ => Ok(true),
        }
    });
}

/// A schema that allows everything would pass the tests above, so this one uses the invalid values of the zoo.
#[test]
fn what_is_refused_does_not_fit_the_schema() {
    let validators = validators(Flow::ClientToServer);
    for specimen in &specimens() {
        for value in &specimen.refused {
            let packet = json!([specimen.event, value]);
            assert!(
                !validators[specimen.namespace].is_valid(&packet),
                "{packet}"
            );
        }
    }
}

#[test]
fn random_values_type_check() {
    let schemas = json_schemas(Flow::ClientToServer);
    // Every run uses the same values, because the compiler cannot shrink a failing one.
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut uses = Uses::default();
    for (number, specimen) in specimens().iter().enumerate() {
        let mut draw = || {
            let mut bytes = vec![0; 192];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        let sources: Vec<_> = (0..runner().config().cases.min(24))
            .map(|_| draw())
            .collect();
        let schema = &schemas[specimen.namespace];
        let sent = sources.iter().filter_map(|bytes| sent(specimen, bytes));
        let accepted = sources
            .iter()
            .filter_map(|bytes| accepted(specimen, schema, bytes));
        let (sent, accepted): (Vec<_>, Vec<_>) = (sent.collect(), accepted.collect());
        uses.name(number, specimen);
        uses.fits("S", number, specimen.event, &sent);
        uses.fits("A", number, specimen.event, &accepted);
    }
    let module = sio_types_cli::typescript::print(&schema()).expect("every type can be said");
    assert_compiles(&module.text, &uses.0);
}
