//! AsyncAPI documents, validated by the official parser.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sio_types_test_support::{cli::Run, command::output, typescript::packages};

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let run = Run::in_directory(directory).args(["gen-asyncapi"]);
    run.args(arguments.iter().copied()).output()
}

/// Returns the document as the parser reads it. Fails if the parser reports errors.
fn parsed(file: &Path) -> Value {
    let mut node = Command::new("node");
    node.current_dir(packages()).arg("asyncapi.mjs").arg(file);
    let output = output(&mut node);
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["errors"], Value::Array(Vec::new()), "{said:#}");
    said["read"].clone()
}

fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library")
}

#[test]
fn both_formats_are_valid() {
    let directory = tempfile::tempdir().unwrap();
    let mut documents = Vec::new();
    for name in ["asyncapi.yaml", "asyncapi.json"] {
        let file = directory.path().join(name);
        let file = file.to_str().unwrap();
        let output = run(
            &fixture(),
            &[
                "-o",
                file,
                "--server",
                "wss://chat.example.com/",
                "--title",
                "Chat",
            ],
        );
        assert!(output.status.success(), "{output:?}");
        documents.push(parsed(Path::new(file)));
        let output = run(&fixture(), &["-o", file, "--check"]);
        assert_eq!(output.status.code(), Some(1), "the title is another");
    }
    assert_eq!(documents[0], documents[1]);
    assert_eq!(
        documents[0]["channels"],
        serde_json::json!(["/chat", "/workspace/{tenant}"])
    );
    let operations = documents[0]["operations"].as_array().unwrap();
    for operation in [
        "receive Chat.connect",
        "send Chat.serverToClient.chat_message",
        "receive Chat.clientToServer.join",
        "send Workspace.serverToClient.confirm",
    ] {
        assert!(operations.contains(&operation.into()), "{operations:?}");
    }
    assert_eq!(documents[0]["replies"], 4);
}

#[test]
fn the_document() {
    let output = run(&fixture(), &[]);
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[test]
fn mistakes() {
    for (server, part) in [
        ("chat.example.com", "invalid URL `chat.example.com`"),
        ("ftp://chat", "unsupported URL scheme `ftp://`"),
    ] {
        let output = run(&fixture(), &["--server", server]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part), "{said}");
    }
}
