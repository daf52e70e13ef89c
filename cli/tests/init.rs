//! The command `sio-types init`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use sio_types_test_support::{cli::Run, command::output};

#[track_caller]
fn run(directory: &Path, arguments: &[&str], code: i32) -> String {
    let run = Run::in_directory(directory);
    run.args(arguments.iter().copied()).says(code)
}

fn init(directory: &Path, more: &[&str]) -> String {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let arguments = ["init", "--path", runtime.to_str().unwrap()];
    run(directory, &[&arguments, more].concat(), 0)
}

/// Returns all files with their contents.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in [
        "Cargo.toml",
        "sio-types.toml",
        "src/main.rs",
        "src/lib.rs",
        "src/events.rs",
    ] {
        if let Ok(text) = fs::read_to_string(directory.join(entry)) {
            files.insert(entry.to_owned(), text);
        }
    }
    files
}

#[test]
fn a_new_crate_runs() {
    let directory = tempfile::tempdir().unwrap();
    let said = init(
        directory.path(),
        &["My Server!", "--output", "page/events.ts"],
    );
    assert!(
        said.contains("cd My Server!") && said.contains("cargo run"),
        "{said}"
    );
    let server = directory.path().join("My Server!");
    let made = files(&server);
    assert_eq!(made.len(), 4, "{made:#?}");
    assert!(made["Cargo.toml"].contains("name = \"my-server-\""));

    assert!(init(&server, &[]).contains("nothing to do"));
    assert_eq!(files(&server), made);

    // The next steps that it prints work: the crate builds as a program, too.
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"),
        server.join("Cargo.lock"),
    )
    .unwrap();
    run(&server, &["gen-ts", "--config"], 0);
    let events = fs::read_to_string(server.join("page/events.ts")).unwrap();
    assert!(
        events.contains("post: (message: Message, ack: (result: Ack<null, PostError>)"),
        "{events}"
    );
    run(&server, &["check"], 0);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
    let mut cargo = Command::new(env!("CARGO"));
    let build = cargo
        .current_dir(&server)
        .env("CARGO_TARGET_DIR", target)
        // `RUSTFLAGS` or `cargo check` would compile all dependencies again.
        .args(["rustc", "--", "--deny", "warnings"]);
    let output = output(build);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_crate_that_is_there_gets_what_it_lacks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    fs::create_dir(path.join("src")).unwrap();
    let manifest = "# Ours.\n[package]\nname = \"ours\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\n# Kept.\naxum = \"0.8\"\n";
    fs::write(path.join("Cargo.toml"), manifest).unwrap();
    let main = "//! Our server.\n#![forbid(unsafe_code)]\n\nuse std::fmt;\n\nfn main() {}\n";
    fs::write(path.join("src/main.rs"), main).unwrap();

    let said = init(path, &[]);
    assert!(said.contains("io.mount::<events::App, _>"), "{said}");
    let made = files(path);
    assert!(
        made["Cargo.toml"].starts_with(manifest),
        "{}",
        made["Cargo.toml"]
    );
    assert!(made["Cargo.toml"].contains("sio-types = { path = "));
    let expected =
        "//! Our server.\n#![forbid(unsafe_code)]\n\nmod events;\nuse std::fmt;\n\nfn main() {}\n";
    assert_eq!(made["src/main.rs"], expected);
    assert!(made["sio-types.toml"].contains("file = \"events.ts\""));
    init(path, &[]);
    assert_eq!(files(path), made);
}

#[test]
fn what_is_there_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    fs::create_dir(path.join("src")).unwrap();
    let manifest = "[package]\nname = \"ours\"\nversion = \"1.0.0\"\n\n[dependencies]\nsocket = { package = \"sio-types\", version = \"0.1\" }\n";
    fs::write(path.join("Cargo.toml"), manifest).unwrap();
    fs::write(path.join("src/lib.rs"), "pub(crate) mod events;\n").unwrap();
    fs::write(path.join("src/events.rs"), "// ours\n").unwrap();
    fs::write(path.join("sio-types.toml"), "# ours\n").unwrap();
    let before = files(path);
    assert!(init(path, &[]).contains("nothing to do"));
    assert_eq!(files(path), before);
}

#[test]
fn mistakes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    fs::write(path.join("Cargo.toml"), "[workspace]\n").unwrap();
    assert!(run(path, &["init"], 2).contains("no `[package]` section"));
    fs::write(path.join("Cargo.toml"), "[package\n").unwrap();
    assert!(run(path, &["init"], 2).contains("Cargo.toml"));
    fs::write(path.join("Cargo.toml"), "[package]\nname = \"x\"\n").unwrap();
    assert!(run(path, &["init"], 2).contains("neither `src/lib.rs` nor `src/main.rs`"));
    assert_eq!(
        fs::read_dir(path).unwrap().count(),
        1,
        "nothing is made half-way"
    );
}
