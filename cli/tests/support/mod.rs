//! A schema document put together by hand, and the tools that judge a generated module.

use std::path::{Path, PathBuf};
use std::process::Command;

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};

/// Builds a document from Rust types, without the runtime's traits.
pub(crate) struct Document {
    sent: SchemaGenerator,
    accepted: SchemaGenerator,
    pub(crate) namespaces: Vec<Value>,
}

impl Document {
    pub(crate) fn new() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into())
        };
        let accepted = settings("/definitions/accepted").for_deserialize();
        Self {
            sent: settings("/definitions/sent")
                .for_serialize()
                .into_generator(),
            accepted: accepted.into_generator(),
            namespaces: Vec::new(),
        }
    }

    pub(crate) fn sent<T: JsonSchema>(&mut self) -> Value {
        json!({ "sent": self.sent.subschema_for::<T>() })
    }

    pub(crate) fn accepted<T: JsonSchema>(&mut self) -> Value {
        json!({ "accepted": self.accepted.subschema_for::<T>() })
    }

    /// An argument as a server sends it.
    pub(crate) fn tells<T: JsonSchema>(&mut self, name: &str) -> Value {
        json!({ "name": name, "sent": self.sent.subschema_for::<T>() })
    }

    /// An argument as a server accepts it.
    pub(crate) fn asks<T: JsonSchema>(&mut self, name: &str) -> Value {
        json!({ "name": name, "accepted": self.accepted.subschema_for::<T>() })
    }

    /// The TypeScript of the document.
    pub(crate) fn typescript(mut self) -> Result<String, String> {
        let document = json!({
            "sioTypes": 1,
            "namespaces": self.namespaces,
            "definitions": {
                "sent": self.sent.take_definitions(true),
                "accepted": self.accepted.take_definitions(true),
            },
        });
        let schema = sio_types::schema::Schema::from_json(&document.to_string());
        let schema = schema.map_err(|error| error.to_string())?;
        sio_types_cli::typescript::print(&schema).map_err(|error| error.to_string())
    }
}

/// An event without documentation.
pub(crate) fn event(name: &str, arguments: Vec<Value>, acknowledgement: Option<Value>) -> Value {
    let mut event = json!({ "name": name, "method": name, "arguments": arguments });
    if let Some(acknowledgement) = acknowledgement {
        event["acknowledgement"] = acknowledgement;
    }
    event
}

/// The directory with Prettier, TypeScript and socket.io-client, installed if need be.
pub(crate) fn node() -> PathBuf {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    INSTALLED.call_once(|| {
        if !directory.join("node_modules").exists() {
            run(Command::new("npm").arg("ci").current_dir(&directory));
        }
    });
    directory
}

/// Asserts that Prettier would change nothing.
pub(crate) fn assert_formatted(typescript: &str) {
    let file = tempfile::Builder::new()
        .suffix(".ts")
        .tempfile_in(node())
        .unwrap();
    std::fs::write(&file, typescript).unwrap();
    let prettier = node().join("node_modules/.bin/prettier");
    let output = run(Command::new(prettier)
        .current_dir(node())
        .arg("--no-config")
        .arg(file.path()));
    assert_same(typescript, &output);
}

/// Asserts that modules compile under the strictest settings. The first is imported as `./events.js`.
pub(crate) fn assert_compiles(events: &str, uses: &str) {
    let directory = tempfile::tempdir_in(node()).unwrap();
    std::fs::write(directory.path().join("events.ts"), events).unwrap();
    std::fs::write(directory.path().join("uses.ts"), uses).unwrap();
    let tsc = node().join("node_modules/.bin/tsc");
    run(Command::new(tsc).current_dir(directory.path()).args([
        "--strict",
        "--exactOptionalPropertyTypes",
        "--noUncheckedIndexedAccess",
        "--noUnusedLocals",
        "--noEmit",
        "--isolatedModules",
        "--verbatimModuleSyntax",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--types",
        "",
        "events.ts",
        "uses.ts",
    ]));
}

fn assert_same(expected: &str, actual: &str) {
    if expected != actual {
        let diff = similar::TextDiff::from_lines(expected, actual);
        panic!("Prettier disagrees:\n{}", diff.unified_diff());
    }
}

fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{text}{errors}");
    text
}
