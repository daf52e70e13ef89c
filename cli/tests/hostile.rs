//! Untrusted schema documents: every command ends in bounded time, and reports one error.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use sio_types_schema::keys;
use sio_types_test_support::command::RunningCommand;

/// Maximum time of a command, without optimizations and on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Every command that reads a document. The path of the document is appended.
const COMMANDS: [&[&str]; 5] = [
    &["gen-ts", "--node", "--react", "--zod", "--schema"],
    &["gen-docs", "--schema"],
    &["gen-asyncapi", "--schema"],
    &["scan", ".", "--schema"],
    &["diff"],
];

/// A child that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command. Returns its exit code and its standard error.
#[track_caller]
fn run(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sio-types"));
    command.current_dir(directory).args(arguments);
    let output = RunningCommand::start(&mut command).output_within(LIMIT);
    let (status, said) = (output.status, String::from_utf8(output.stderr).unwrap());
    let code = status.code();
    (
        code.unwrap_or_else(|| panic!("{arguments:?}: {status}\n{said}")),
        said,
    )
}

/// Runs every command with a document. Returns their exit codes and standard error.
#[track_caller]
fn run_all(document: &str) -> Vec<(String, i32, String)> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("schema.json"), document).unwrap();
    fs::write(directory.path().join("page.ts"), "export {};\n").unwrap();
    let runs = COMMANDS.iter().map(|command| {
        let mut arguments = command.to_vec();
        arguments.push("schema.json");
        if command[0] == "diff" {
            arguments.push("schema.json");
        }
        let (code, said) = run(directory.path(), &arguments);
        (arguments[0].to_owned(), code, said)
    });
    runs.collect()
}

#[track_caller]
fn all_succeed(document: &Value) {
    for (command, code, said) in run_all(&document.to_string()) {
        assert_eq!(code, 0, "{command}: {said}");
    }
}

/// Every command fails with one error that has all of these parts, or succeeds.
#[track_caller]
fn all_end(document: &str, failing: &[&str], parts: &[&str]) {
    for (command, code, said) in run_all(document) {
        if failing.contains(&&*command) {
            assert_eq!(code, 2, "{command}: {said}");
            assert_eq!(said.matches("error").count(), 1, "{command}: {said}");
            for part in parts.iter().chain(&["= help:"]) {
                assert!(
                    said.contains(part),
                    "`{part}` is not what {command} says: {said}"
                );
            }
        } else {
            assert_eq!(code, 0, "{command}: {said}");
        }
    }
}

const ALL: &[&str] = &["gen-ts", "gen-docs", "gen-asyncapi", "scan", "diff"];

/// A document with one event, which has the type `T0`.
fn document(types: impl IntoIterator<Item = (String, Value)>) -> Value {
    json!({
        "sioTypes": 1,
        "namespaces": [{ "name": "App", "path": "/", "serverToClient": { "trait": "Events", "events": [
            { "name": "event", "method": "event", "arguments": [{ "name": "it", "sent": reference(0) }] },
        ] } }],
        "definitions": { "sent": types.into_iter().collect::<Map<_, _>>() },
    })
}

fn reference(number: usize) -> Value {
    json!({ "$ref": format!("#/definitions/sent/T{number}") })
}

fn object(fields: impl IntoIterator<Item = (String, Value)>) -> Value {
    json!({ "type": "object", "properties": fields.into_iter().collect::<Map<_, _>>() })
}

fn field(name: &str, schema: Value) -> Value {
    object([(name.to_owned(), schema)])
}

/// Types that each refer to the next, and the last one.
fn chain(length: usize, link: impl Fn(Value) -> Value) -> Value {
    let types = (0..length).map(|number| (format!("T{number}"), link(reference(number + 1))));
    let last = (
        format!("T{length}"),
        field("end", json!({ "type": "string" })),
    );
    document(types.chain([last]))
}

fn nested(levels: usize, wrap: impl Fn(Value) -> Value) -> Value {
    let schema = (0..levels).fold(json!({ "type": "string" }), |inner, _| wrap(inner));
    document([("T0".to_owned(), schema)])
}

#[test]
fn long_chains_of_references() {
    all_succeed(&chain(2_000, |next| field("next", next)));
    all_succeed(&chain(1_000, |next| next));
}

#[test]
fn chains_of_types_that_are_put_together() {
    let link = |next| json!({ "allOf": [next, field("own", json!({ "type": "string" }))] });
    all_succeed(&chain(30, link));
    let document = chain(2_000, link).to_string();
    all_end(
        &document,
        &["gen-ts", "gen-docs", "diff"],
        &["64 levels", "limit"],
    );
}

#[test]
fn doubling_combinations() {
    let twice = |number: usize| {
        let one = |name: String| field(&name, json!({ "type": "string" }));
        json!({ "oneOf": [one(format!("a{number}")), one(format!("b{number}"))] })
    };
    let all: Vec<_> = (0..22).map(twice).collect();
    let document = document([("T0".to_owned(), json!({ "allOf": all }))]).to_string();
    all_end(
        &document,
        &["gen-ts", "gen-docs"],
        &["8192 forms", "the limit is 4096"],
    );
}

#[test]
fn types_that_have_another_twice() {
    all_succeed(&chain(40, |next| {
        object([("a".to_owned(), next.clone()), ("b".to_owned(), next)])
    }));
    all_succeed(&chain(40, |next| json!({ "anyOf": [next.clone(), next] })));
    let document = chain(40, |next| json!({ "allOf": [next.clone(), next] })).to_string();
    all_end(&document, &["diff"], &["limit"]);
}

#[test]
fn long_enums() {
    let of = |count: usize| {
        let values: Vec<_> = (0..count).map(|number| format!("value{number}")).collect();
        document([("T0".to_owned(), json!({ "enum": values }))])
    };
    all_succeed(&of(5_000));
    all_succeed(&of(200_000));
}

#[test]
fn schemas_that_multiply_with_every_level() {
    let array = |inner| json!({ "type": "array", "items": inner, "minItems": 32, "maxItems": 32 });
    let document = nested(20, array).to_string();
    all_end(
        &document,
        &["gen-ts", "gen-docs"],
        &["4000000 parts", "limit"],
    );
    let twice = |inner| json!({ "type": ["array", "array"], "items": inner });
    all_succeed(&nested(40, twice));
    let index = |inner| {
        let mut schema = field("inner", inner);
        schema["additionalProperties"] = json!({ "type": "string" });
        schema
    };
    let document = nested(30, index).to_string();
    all_end(
        &document,
        &["gen-ts", "gen-docs"],
        &["4000000 parts", "limit"],
    );
}

#[test]
fn endless_lists() {
    let list = json!({ "type": "array", "items": true, "minItems": 1_000_000_000_000_000_000_u64 });
    all_succeed(&document([("T0".to_owned(), list)]));
}

#[test]
fn deep_documents() {
    let levels = 100_000;
    let deep = "[".repeat(levels) + &"]".repeat(levels);
    let document = format!(
        "{{\"sioTypes\":1,\"namespaces\":[],\"definitions\":{{\"sent\":{{\"T0\":{{\"deep\":{deep}}}}}}}}}"
    );
    all_end(&document, ALL, &["127 levels", "limit"]);
}

#[test]
fn documents_that_are_too_big() {
    let types = |count: usize| (0..count).map(|number| (format!("T{number}"), object([])));
    all_succeed(&document(types(2_000)));
    let document_of = |count| document(types(count)).to_string();
    all_end(
        &document_of(10_001),
        ALL,
        &["10001 sent types", "limit is 10000"],
    );
    let name = document([("N".repeat(1_001), object([]))]).to_string();
    all_end(&name, ALL, &["1001 bytes", "limit is 1000"]);
    let spaces = " ".repeat((32 << 20) + 1);
    all_end(&spaces, ALL, &["33554432 bytes", "limit"]);
    let values = format!("[{}0]", "0,".repeat(2_000_000));
    all_end(&values, ALL, &["2000002 values", "limit is 2000000"]);
}

#[test]
fn notes_of_ts_rs_that_have_no_end() {
    let deep = "(".repeat(100_000) + "string" + &")".repeat(100_000);
    let note = json!({ "name": "A", "declarations": { "A": format!("type A = {deep};") } });
    all_succeed(&document([(
        "T0".to_owned(),
        json!({ "type": "string", (keys::TS): note }),
    )]));
    let mut declarations: Map<_, _> = (0..40)
        .map(|it| {
            (
                format!("A{it}"),
                json!(format!("type A{it} = A{0} & A{0};", it + 1)),
            )
        })
        .collect();
    declarations.insert(
        "A40".to_owned(),
        json!("type A40 = { a: string } | { b: string };"),
    );
    let note = json!({ "name": "A0", "declarations": declarations });
    all_succeed(&document([(
        "T0".to_owned(),
        json!({ "type": "string", (keys::TS): note }),
    )]));
}

/// Starts `gen-docs --serve`. Returns the process, and the address that it serves.
fn serving(arguments: &[&str]) -> (tempfile::TempDir, Killed, String) {
    let directory = tempfile::tempdir().unwrap();
    let document = document([("T0".to_owned(), object([]))]).to_string();
    fs::write(directory.path().join("schema.json"), document).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sio-types"));
    command.current_dir(directory.path());
    command.args([
        "gen-docs",
        "--schema",
        "schema.json",
        "--serve",
        "127.0.0.1:0",
    ]);
    command.args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = Killed(command.spawn().unwrap());
    let mut stderr = child.0.stderr.take().unwrap();
    let (sender, said) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let mut bytes = [0; 256];
        while let Ok(count @ 1..) = stderr.read(&mut bytes) {
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
            let address = text
                .split_once("http://")
                .and_then(|(_, it)| it.split_once('\n'));
            if let Some((address, _)) = address {
                let _ = sender.send(address.trim().to_owned());
            }
        }
    });
    let address = said.recv_timeout(LIMIT).expect("it says where it serves");
    (directory, child, address)
}

/// Returns the head of a response, and the part of the body that arrives with it.
fn request(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(stream, "{head}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    let start = Instant::now();
    while start.elapsed() < LIMIT && !answer.windows(4).any(|it| it == b"\r\n\r\n") {
        let count = stream.read(&mut bytes).expect("it answers in time");
        assert_ne!(
            count,
            0,
            "it answers {:?}",
            String::from_utf8_lossy(&answer)
        );
        answer.extend(&bytes[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn other_hosts_do_not_read_the_page() {
    let (_directory, _child, address) = serving(&["--allow-host", "devbox"]);
    let port = address.rsplit(':').next().unwrap();
    for path in ["/", "/changes"] {
        for host in [
            "localhost".to_owned(),
            format!("localhost:{port}"),
            "LOCALHOST.".to_owned(),
            format!("docs.localhost:{port}"),
            format!("127.0.0.1:{port}"),
            "127.8.8.8".to_owned(),
            format!("[::1]:{port}"),
            format!("devbox:{port}"),
        ] {
            let answer = request(&address, &format!("GET {path} HTTP/1.1\r\nHost: {host}"));
            assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
        }
        let foreign = [
            "Host: evil.example".to_owned(),
            format!("Host: evil.example:{port}"),
            "Host: localhost.evil.example".to_owned(),
            "Host: evillocalhost".to_owned(),
            "Host: 192.0.2.1".to_owned(),
            "Host: 127.0.0.1.evil.example".to_owned(),
            "Host: ".to_owned(),
            "Host: localhost\r\nOrigin: https://evil.example".to_owned(),
            "Host: localhost\r\nOrigin: null".to_owned(),
            "X-Host: localhost".to_owned(),
        ];
        for headers in foreign {
            let answer = request(&address, &format!("GET {path} HTTP/1.1\r\n{headers}"));
            assert!(answer.starts_with("HTTP/1.1 403 "), "{headers}: {answer}");
        }
        let whole = format!("GET http://evil.example{path} HTTP/1.1\r\nHost: localhost");
        let answer = request(&address, &whole);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
    let own = format!("GET /changes HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}");
    let answer = request(&address, &own);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
