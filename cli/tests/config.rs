//! Several files of one crate: `sio-types.toml`, `check`, `--watch` and `--node`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use sio_types_test_support::{
    cli::{Run, copy_of},
    typescript::{assert_compiles, assert_formatted, error_lines},
};

const CONFIG: &str = r#"
package = "library"

[[output]]
file = "page/events.ts"

[[output]]
file = "worker/events.ts"
node = true

[[output]]
file = "schema.json"
kind = "schema"
"#;

fn command(directory: &Path) -> Command {
    Run::in_directory(directory).command
}

#[track_caller]
fn expect(directory: &Path, arguments: &[&str], code: i32, parts: &[&str]) -> String {
    let run = Run::in_directory(directory);
    let text = run.args(arguments.iter().copied()).says(code);
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    text
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn all_files_are_written_and_checked() {
    let copy = copy_of("library");
    let path = copy.path();
    fs::write(path.join("sio-types.toml"), CONFIG).unwrap();
    let missing = [
        "page/events.ts",
        "worker/events.ts",
        "schema.json",
        "3 generated files are not up to date",
    ];
    expect(path, &["check"], 1, &missing);
    expect(path, &["gen-ts", "--config"], 0, &[]);
    // The configuration is found from a subdirectory, too.
    expect(&path.join("src"), &["check"], 0, &[]);

    let page = fs::read_to_string(path.join("page/events.ts")).unwrap();
    assert!(!page.contains("from \"socket.io\""));
    edit(
        &path.join("page/events.ts"),
        "userName: string",
        "userName: number",
    );
    fs::write(path.join("worker/old.ts"), &page).unwrap();
    let stale = [
        "-  userName: number",
        "+  userName: string",
        "old.ts",
        "is no longer",
        "2 generated files",
    ];
    expect(path, &["check"], 1, &stale);
    assert!(path.join("worker/old.ts").exists());
    fs::remove_file(path.join("worker/old.ts")).unwrap();
    expect(path, &["gen-ts", "--config", "sio-types.toml"], 0, &[]);
    expect(path, &["check", "--config", "sio-types.toml"], 0, &[]);
}

#[test]
fn the_manifest_may_name_the_files() {
    let copy = copy_of("library");
    let path = copy.path();
    edit(
        &path.join("Cargo.toml"),
        "[features]",
        "[[package.metadata.sio-types.output]]\nfile = \"events.ts\"\n\n[features]",
    );
    expect(path, &["check"], 1, &["events.ts", "missing"]);
    expect(path, &["gen-ts", "--config"], 0, &[]);
    expect(path, &["check"], 0, &[]);
}

#[test]
fn mistakes_leave_all_files_as_they_are() {
    let copy = copy_of("library");
    let path = copy.path();
    let config = path.join("sio-types.toml");
    fs::write(&config, CONFIG).unwrap();
    expect(path, &["gen-ts", "--config"], 0, &[]);
    let written = fs::read_to_string(path.join("page/events.ts")).unwrap();
    edit(&path.join("src/chat.rs"), "seats: u32", "seats: Nowhere");
    expect(
        path,
        &["gen-ts", "--config"],
        3,
        &["cannot find type", "does not build"],
    );
    expect(path, &["check"], 3, &["does not build"]);
    assert_eq!(
        fs::read_to_string(path.join("page/events.ts")).unwrap(),
        written
    );

    for (text, part) in [
        ("output = []", "no output files are configured"),
        (
            "[[output]]\nfile = \"a.ts\"\nkind = \"html\"",
            "unknown variant `html`",
        ),
        ("[[output]]\nfil = \"a.ts\"", "unknown field `fil`"),
        (
            "[[output]]\nfile = \"a.ts\"\n[[output]]\nfile = \"a.ts\"",
            "configured twice",
        ),
        ("[[output]\n", "sio-types.toml"),
    ] {
        fs::write(&config, text).unwrap();
        expect(path, &["check"], 2, &["sio-types.toml", part]);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    expect(
        elsewhere.path(),
        &["check"],
        2,
        &["no `sio-types.toml` found", "[[output]]"],
    );
}

#[test]
fn a_folder_that_cannot_be_written_to() {
    let copy = copy_of("library");
    let path = copy.path();
    // A file occupies the path of the directory, so that even root cannot write into it.
    fs::write(path.join("page"), "").unwrap();
    fs::write(path.join("sio-types.toml"), CONFIG).unwrap();
    expect(
        path,
        &["gen-ts", "--config"],
        2,
        &["cannot create the directory", "page"],
    );
}

#[test]
fn a_service_on_node_has_types_of_its_server() {
    let events = Run::in_fixture("library")
        .args(["gen-ts", "--node"])
        .stdout();
    assert_formatted(&events);
    let uses = "\
import { Server } from \"socket.io\";
import type { ChatNamespace, ChatServer } from \"./events.js\";
const server: ChatServer = new Server();
const chat: ChatNamespace = server.of(\"/chat\") as ChatNamespace;
chat.on(\"connection\", (socket) => {
  socket.on(\"post\", (msg) => void msg.userName.length);
  socket.emit(\"confirm\", \"sure?\", (yes) => void yes.valueOf());
  socket.emit(\"confirm\", 1, () => {});
});
";
    // The last emit has a number for a question.
    assert_eq!(error_lines(&events, uses), [8]);
    assert_compiles(&events, &uses.replace("1, () => {}", "\"?\", () => {}"));
}

fn copy_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library")
}

/// A running `--watch`, and its messages.
struct Watch {
    process: Child,
    lines: mpsc::Receiver<String>,
}

impl Watch {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut command = command(directory);
        let mut process = command
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                // The test may be over.
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Returns the messages until the command waits for changes.
    fn said(&self) -> String {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(120));
            let line = line.unwrap_or_else(|error| panic!("{error} after:\n{said}"));
            if line.contains("waiting for changes") {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_change_is_followed() {
    let copy = copy_of("library");
    let path = copy.path();
    let (source, file) = (path.join("src/chat.rs"), path.join("events.ts"));
    let read = || fs::read_to_string(&file).unwrap();
    let watch = Watch::start(path, &["gen-ts", "--watch", "-o", "events.ts"]);
    assert!(watch.said().contains("events.ts: written"));
    assert!(read().contains("seats: number"));

    edit(&source, "seats: u32", "places: u32");
    // The field, and the fingerprint.
    assert!(watch.said().contains("events.ts: 2 lines added, 2 removed"));
    assert!(read().contains("places: number"));

    edit(&source, "places: u32", "places: Nowhere");
    let said = watch.said();
    assert!(
        said.contains("cannot find type") && said.contains("does not build"),
        "{said}"
    );
    assert!(
        read().contains("places: number"),
        "the last that was right stays"
    );

    edit(&source, "places: Nowhere", "places: u32");
    assert!(watch.said().contains("events.ts: unchanged"));
    edit(&source, "places: u32", "rows: u32");
    watch.said();
    assert!(read().contains("rows: number"));
}

#[test]
fn what_cannot_be_watched() {
    let path = &copy_path();
    expect(
        path,
        &["gen-ts", "--watch"],
        2,
        &["`--watch` requires an output file", "--output"],
    );
    expect(
        path,
        &["gen-ts", "--watch", "--check", "-o", "x"],
        2,
        &["--check"],
    );
}

#[test]
fn documents_for_people_are_kept_up_to_date_too() {
    let crate_ = copy_of("library");
    let path = crate_.path();
    let config = "[[output]]\nfile = \"api.yaml\"\nkind = \"asyncapi\"\ntitle = \"Chat\"\napp-version = \"1.2.0\"\n\
        [[output]]\nfile = \"api.json\"\nkind = \"asyncapi\"\n\
        [[output]]\nfile = \"api.html\"\nkind = \"docs\"\ntitle = \"Chat\"\nserver = \"https://chat.example.com\"\n";
    fs::write(path.join("sio-types.toml"), config).unwrap();
    expect(
        path,
        &["gen-ts", "--config"],
        0,
        &["api.yaml: written", "api.html: written"],
    );
    let read = |file| fs::read_to_string(path.join(file)).unwrap();
    let alone = |arguments: &[&str]| {
        Run::in_directory(path)
            .args(arguments.iter().copied())
            .stdout()
    };
    let yaml = alone(&["gen-asyncapi", "--title", "Chat", "--app-version", "1.2.0"]);
    assert_eq!(read("api.yaml"), yaml);
    assert_eq!(
        read("api.json"),
        alone(&["gen-asyncapi", "--format", "json"])
    );
    let html = alone(&[
        "gen-docs",
        "--title",
        "Chat",
        "--server",
        "https://chat.example.com",
    ]);
    assert_eq!(read("api.html"), html);
    expect(path, &["check"], 0, &[]);
    edit(
        &path.join("src/chat.rs"),
        "A message was posted.",
        "Somebody posted.",
    );
    expect(
        path,
        &["check"],
        1,
        &["3 generated files", "-", "Somebody posted."],
    );
}
