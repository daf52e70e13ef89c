//! The command `sio-types diff`, on files, revisions and crates.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sio_types_test_support::{cli::Run, command::output};

const OLD: &str = r#"{ "sioTypes": 1, "namespaces": [{
    "name": "Chat", "path": "/chat",
    "serverToClient": { "trait": "ServerToClient", "events": [
        { "name": "message", "method": "message", "arguments": [{ "name": "text", "sent": { "type": "string" } }] }
    ] }
}] }"#;

/// The same without its event.
fn new() -> String {
    let start = OLD.find("\"serverToClient\"").unwrap();
    format!("{} }}] }}", OLD[..start].trim_end().trim_end_matches(','))
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let run = Run::in_directory(directory).args(["diff"]);
    run.args(arguments.iter().copied()).output()
}

/// Runs the command and expects an exit code, and what is printed.
#[track_caller]
fn expect(directory: &Path, arguments: &[&str], code: i32, parts: &[&str]) {
    let output = run(directory, arguments);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    assert!(!text.contains('\x1b'), "colours are for terminals");
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("old.json"), OLD).unwrap();
    fs::write(directory.path().join("new.json"), new()).unwrap();
    directory
}

fn git(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .args(["-c", "user.name=a", "-c", "user.email=a@b"]);
    let output = output(command.args(arguments));
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn two_files() {
    let directory = directory();
    let path = directory.path();
    let removed = [
        "sent-event-removed",
        "/chat serverToClient message",
        "1 breaking",
    ];
    expect(path, &["old.json", "new.json"], 1, &removed);
    expect(path, &["old.json", "old.json"], 0, &["no changes"]);
    expect(
        path,
        &["new.json", "old.json"],
        0,
        &["sent-event-added", "a minor version"],
    );
    expect(
        path,
        &["old.json", "new.json", "--fail-on", "never"],
        0,
        &removed,
    );
    expect(
        path,
        &["old.json", "new.json", "--format", "github"],
        1,
        &["::error title="],
    );
    expect(
        path,
        &["old.json", "new.json", "--format", "markdown"],
        1,
        &["| breaking | safe |"],
    );

    let json = run(path, &["old.json", "new.json", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(report["breaking"], 1);
    assert_eq!(report["version"], "major");
}

#[test]
fn what_may_pass() {
    let directory = directory();
    let path = directory.path();
    let entry = |place: &str| {
        format!(
            "[[ignore]]\nrule = \"sent-event-removed\"\nplace = \"{place}\"\nreason = \"unused\"\n"
        )
    };
    fs::write(path.join(".sio-types-ignore.toml"), entry("/chat *")).unwrap();
    expect(path, &["old.json", "new.json"], 0, &["no changes"]);
    fs::write(path.join("other.toml"), entry("/other *")).unwrap();
    let other = ["old.json", "new.json", "--ignore", "other.toml"];
    expect(
        path,
        &other,
        1,
        &["ignore entry for `sent-event-removed` at `/other *` matches no change"],
    );
    fs::write(path.join("other.toml"), "[[ignore]]\nrule = \"x\"\n").unwrap();
    expect(path, &other, 2, &["other.toml", "`place`"]);
    expect(
        path,
        &["old.json", "new.json", "--ignore", "none.toml"],
        2,
        &["none.toml"],
    );
}

#[test]
fn mistakes() {
    let directory = directory();
    let path = directory.path();
    expect(path, &[], 2, &["--against"]);
    expect(path, &["old.json", "none.json"], 2, &["none.json"]);
    fs::write(path.join("cut.json"), &OLD[..40]).unwrap();
    expect(path, &["cut.json", "new.json"], 2, &["cut.json", "EOF"]);
    fs::write(path.join("later.json"), "{ \"sioTypes\": 99 }").unwrap();
    expect(path, &["later.json", "new.json"], 2, &["later.json", "99"]);
    let against = ["--against", "main", "--schema", "old.json"];
    expect(path, &against, 2, &["git failed", "not a git repository"]);
    git(path, &["init", "--quiet", "--initial-branch=trunk"]);
    expect(path, &against, 2, &["git failed", "main"]);
}

#[test]
fn a_document_of_another_revision() {
    let directory = directory();
    let path = directory.path();
    git(path, &["init", "--quiet", "--initial-branch=main"]);
    fs::write(path.join("schema.json"), OLD).unwrap();
    git(path, &["add", "schema.json"]);
    git(path, &["commit", "--quiet", "-m", "first"]);
    let against = ["--against", "main", "--schema", "schema.json"];
    expect(path, &against, 0, &["no changes"]);
    fs::write(path.join("schema.json"), new()).unwrap();
    expect(path, &against, 1, &["sent-event-removed"]);
}

#[test]
fn a_crate_of_another_revision() {
    // The fixture refers to the workspace by relative paths.
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for file in ["Cargo.toml", "src/lib.rs", "src/chat.rs"] {
        let from = fs::read_to_string(fixtures.join("library").join(file)).unwrap();
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let from = from.replace("../../../..", &workspace.display().to_string());
        let target = path.join("server").join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, from).unwrap();
    }
    git(path, &["init", "--quiet", "--initial-branch=main"]);
    git(path, &["add", "."]);
    git(path, &["commit", "--quiet", "-m", "first"]);
    let server = path.join("server");
    expect(&server, &["--against", "main"], 0, &["no changes"]);

    let source = server.join("src/chat.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replace("seats: u32", "places: u32")).unwrap();
    expect(&server, &["--against", "main"], 1, &["seats"]);
    expect(
        path,
        &["--against", "main", "--manifest-path", "server/Cargo.toml"],
        1,
        &["seats"],
    );
    let mut git = Command::new("git");
    let worktrees = output(git.current_dir(path).args(["worktree", "list"]));
    let worktrees = String::from_utf8(worktrees.stdout).unwrap();
    assert_eq!(worktrees.lines().count(), 1, "nothing is left: {worktrees}");
}
