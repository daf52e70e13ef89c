//! The command line: messages, completions, manual pages, and failures of the machine.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sio_types_test_support::{
    cli::{Run, copy_of, fixtures},
    command::{RunningCommand, output},
};

const COMMANDS: [&str; 10] = [
    "init",
    "gen-ts",
    "gen-schema",
    "gen-asyncapi",
    "gen-docs",
    "check",
    "diff",
    "scan",
    "completions",
    "man",
];

fn here() -> Run {
    Run::in_fixture("library")
}

#[track_caller]
fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn every_command_shows_examples() {
    let help = here().args(["--help"]).stdout();
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        let own = here().args([command, "--help"]).stdout();
        assert!(own.contains("Example"), "{own}");
    }
    let listed = help
        .lines()
        .filter(|line| line.starts_with("  ") && !line.trim_start().starts_with('-'));
    assert_eq!(listed.count(), COMMANDS.len() + 1, "{help}");
}

#[test]
fn a_program_reads_what_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("events.ts");
    let file = file.to_str().unwrap();
    let generate = || here().args(["--json", "gen-ts", "-o", file]);
    let first = lines(&generate().says(0));
    let said = first.last().unwrap();
    assert_eq!(
        (&said["outcome"], &said["file"]),
        (&"new".into(), &file.into())
    );
    assert_eq!(
        lines(&generate().says(0)).last().unwrap()["outcome"],
        "unchanged"
    );

    let said = here().args(["--json", "gen-ts", "-p", "libary"]).says(2);
    let said = lines(&said);
    assert_eq!(said[0]["code"], "package");
    assert_eq!(said[0]["help"], "did you mean `library`?");
    assert!(said[0]["place"].as_str().unwrap().ends_with("Cargo.toml"));

    let broken = copy_of("library");
    fs::write(
        broken.path().join("src/lib.rs"),
        "fn broken() -> u8 { \"text\" }\n",
    )
    .unwrap();
    let said = Run::in_directory(broken.path())
        .args(["gen-ts", "--json"])
        .says(3);
    let said = lines(&said);
    let of_cargo = said.iter().filter(|line| line["level"] == "cargo");
    let of_cargo: Vec<_> = of_cargo
        .filter_map(|line| line["message"].as_str())
        .collect();
    assert!(
        of_cargo
            .join("\n")
            .contains("error[E0308]: mismatched types"),
        "{said:#?}"
    );
    assert_eq!(said.last().unwrap()["code"], "build");
}

#[test]
fn quiet_is_quiet() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("events.ts");
    let file = file.to_str().unwrap();
    assert!(
        here()
            .args(["gen-ts", "-o", file])
            .says(0)
            .contains("events.ts: written")
    );
    fs::remove_file(file).unwrap();
    assert_eq!(here().args(["--quiet", "gen-ts", "-o", file]).says(0), "");
    assert!(
        here()
            .args(["-q", "gen-ts", "-p", "x"])
            .says(2)
            .starts_with("error[package]: ")
    );
}

#[test]
fn every_code_is_described() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join("src/error.rs")).unwrap();
    let docs = fs::read_to_string(root.join("../docs/errors.md")).unwrap();
    let words = source
        .lines()
        .filter_map(|line| line.trim().split_once("=> \""));
    let words: Vec<_> = words
        .map(|(_, word)| word.trim_end_matches("\","))
        .collect();
    let described = docs.lines().filter(|line| line.starts_with("| `"));
    let described: Vec<_> = described
        .map(|line| line.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(described, words);
}

#[test]
fn shells_complete_it() {
    for (shell, part) in [
        ("bash", "-o default sio-types"),
        ("zsh", "#compdef sio-types"),
        ("fish", "complete -c sio-types"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let text = here().args(["completions", shell]).stdout();
        assert!(
            text.contains(part) && text.contains("gen-asyncapi"),
            "{text}"
        );
    }
    let bash = here().args(["completions", "bash"]).stdout();
    let ask = format!(
        "{bash}\nCOMP_WORDS=(sio-types gen-t); COMP_CWORD=1; _sio__types sio-types gen-t sio-types; echo \"${{COMPREPLY[@]}}\""
    );
    let output = output(Command::new("bash").args(["-c", &ask]));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim(),
        "gen-ts",
        "{:?}",
        output.stderr
    );
}

#[test]
fn there_is_a_manual() {
    let page = here().args(["man"]).stdout();
    assert!(
        page.contains(".TH sio-types 1") && page.contains("gen\\-asyncapi"),
        "{page}"
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    here().args(["man", "--output", path]).code(0);
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    names.sort();
    let mut expected: Vec<_> = COMMANDS
        .iter()
        .map(|it| format!("sio-types-{it}.1"))
        .collect();
    expected.push("sio-types.1".to_owned());
    expected.sort();
    assert_eq!(
        names,
        expected.iter().map(OsString::from).collect::<Vec<_>>()
    );
}

#[test]
fn the_target_may_be_named() {
    let version = output(Command::new("rustc").arg("-vV"));
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let schema = here().args(["gen-schema"]).stdout();
    assert_eq!(
        here().args(["gen-schema", "--target", host]).stdout(),
        schema
    );
    here()
        .args(["gen-schema", "--target", "no-such-target"])
        .fails(3, &["no-such-target"]);
}

#[test]
fn two_at_once_do_not_meet() {
    let copy = copy_of("library");
    let start = || {
        let mut command = Run::in_directory(copy.path())
            .args(["gen-ts", "-o", "events.ts"])
            .command;
        RunningCommand::start(&mut command)
    };
    let runs: Vec<_> = (0..3).map(|_| start()).collect();
    for run in runs {
        let output = run.output();
        assert!(output.status.success(), "{output:#?}");
    }
    Run::in_directory(copy.path())
        .args(["gen-ts", "-o", "events.ts", "--check"])
        .code(0);
    let left = fs::read_dir(copy.path())
        .unwrap()
        .map(|it| it.unwrap().file_name());
    let left = left.filter(|name| name.to_string_lossy().starts_with(".sio-types-"));
    assert_eq!(left.count(), 0);
}

/// Runs the command with a file system of its own at `disk`, in a mount namespace.
fn on_disk(options: &str, disk: &Path, before: &str, arguments: &str) -> (bool, String) {
    let (program, disk) = (env!("CARGO_BIN_EXE_sio-types"), disk.display());
    let script = format!(
        "mount -t tmpfs -o {options} tmpfs {disk} && cd {disk} && {before}\n{program} {arguments}; code=$?; ls -A; cat events.ts; exit $code"
    );
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
    let output = output(&mut command);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code() == Some(2), text)
}

#[test]
fn a_full_disk_leaves_the_file_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let schema = directory.path().join("schema.json");
    here()
        .args(["gen-schema", "-o", schema.to_str().unwrap()])
        .code(0);
    let disk = directory.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let generate = format!("gen-ts --schema {} -o events.ts", schema.display());

    let fill = "echo as it was > events.ts; dd if=/dev/zero of=filler bs=4096 2>/dev/null";
    let (failed, text) = on_disk("size=16k", &disk, fill, &generate);
    assert!(
        failed && text.contains("error[file]: cannot write: No space left"),
        "{text}"
    );
    assert!(text.starts_with("events.ts\nfiller\nas it was\n"), "{text}");

    let read_only = "echo as it was > events.ts; mount -o remount,ro .";
    let (failed, text) = on_disk("size=64k", &disk, read_only, &generate);
    assert!(
        failed && text.contains("error[file]: cannot write: Read-only file system"),
        "{text}"
    );
    assert!(text.starts_with("events.ts\nas it was\n"), "{text}");
}

#[test]
fn a_document_that_is_damaged_or_of_another_version() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("schema.json");
    let generate = || here().args(["gen-ts", "--schema", path.to_str().unwrap()]);
    let whole = here().args(["gen-schema"]).stdout();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    generate().fails(2, &["error[schema]", "schema.json", "gen-schema"]);
    fs::write(&path, whole.replace("\"sioTypes\": 1", "\"sioTypes\": 99")).unwrap();
    generate().fails(2, &["error[schema]", "99"]);
    fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    generate().fails(2, &["error[file]", "UTF-8"]);
}

#[test]
fn several_packages_make_one_document() {
    let workspace = tempfile::tempdir_in(fixtures()).unwrap();
    let write = |file: &str, text: &str| {
        let file = workspace.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"chat\", \"admin\"]\n",
    );
    let package = |name: &str, path: &str, field: &str| {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\nsio-types = {{ path = \"../../../../../runtime\" }}\n"
        );
        write(&format!("{name}/Cargo.toml"), &manifest);
        let source = format!(
            "use sio_types::prelude::*;\n#[payload] pub struct Note {{ pub {field}: String }}\n\
             #[events] pub trait ServerToClient {{ fn note(note: Note); }}\n\
             #[derive(Events)] #[events(namespace = \"{path}\", server_to_client = ServerToClient)] pub struct Of{name};\n"
        );
        write(&format!("{name}/src/lib.rs"), &source);
    };
    package("chat", "/chat", "text");
    package("admin", "/admin", "text");
    let run =
        |arguments: &[&str]| Run::in_directory(workspace.path()).args(arguments.iter().copied());
    let both = ["gen-ts", "-p", "chat", "-p", "admin"];
    let text = run(&both).stdout();
    assert_eq!(text.matches("interface Note ").count(), 1, "{text}");
    assert!(
        text.contains("\"/admin\": {") && text.contains("\"/chat\": {"),
        "{text}"
    );

    // Each output may have packages of its own.
    write(
        "sio-types.toml",
        "package = [\"chat\", \"admin\"]\n[[output]]\nfile = \"all.ts\"\n[[output]]\nfile = \"admin.ts\"\npackage = \"admin\"\n",
    );
    run(&["gen-ts", "--config"]).code(0);
    assert_eq!(
        fs::read_to_string(workspace.path().join("all.ts")).unwrap(),
        text
    );
    let admin = fs::read_to_string(workspace.path().join("admin.ts")).unwrap();
    assert!(!admin.contains("\"/chat\""), "{admin}");
    run(&["check"]).code(0);

    package("admin", "/admin", "words");
    run(&both).fails(2, &["error[type]", "different types named `Note`"]);
    package("admin", "/chat", "text");
    run(&both).fails(
        2,
        &[
            "error[package]",
            "both `chat` and `admin` declare the namespace `/chat`",
        ],
    );
}

#[test]
fn cargo_is_told_what_the_command_is_told() {
    let schema = here().args(["gen-schema"]).stdout();
    let same = |flag| here().args(["gen-schema", flag]).stdout();
    assert_eq!(same("--offline"), schema);
    assert_eq!(same("--no-default-features"), schema);
    // Without a Cargo.lock, cargo would have to write one.
    let copy = copy_of("library");
    let locked = Run::in_directory(copy.path()).args(["gen-schema", "--locked"]);
    locked.fails(3, &["cannot create the lock file", "error[build]"]);
}
