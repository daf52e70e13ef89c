//! The tools that judge a generated module.

#![allow(dead_code, reason = "every test uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The directory with Prettier, TypeScript and socket.io-client, installed if need be.
pub(crate) fn node() -> PathBuf {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let directory = above
        .find_map(|directory| Some(directory.join("tests/typescript")).filter(|it| it.exists()))
        .expect("a package of the workspace");
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
    let output = tsc(events, uses);
    let complaints = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{complaints}");
}

/// The lines of the second module that do not compile, counted from 1.
pub(crate) fn complaints(events: &str, uses: &str) -> Vec<usize> {
    let output = tsc(events, uses);
    let complaints = String::from_utf8_lossy(&output.stdout);
    let line = |complaint: &str| {
        let place = complaint.strip_prefix("uses.ts(")?;
        place.split_once(',')?.0.parse().ok()
    };
    complaints.lines().filter_map(line).collect()
}

fn tsc(events: &str, uses: &str) -> Output {
    let directory = tempfile::tempdir_in(node()).unwrap();
    std::fs::write(directory.path().join("events.ts"), events).unwrap();
    std::fs::write(directory.path().join("uses.ts"), uses).unwrap();
    let mut command = compiler(directory.path());
    command.args([
        "--exactOptionalPropertyTypes",
        "--noUncheckedIndexedAccess",
        "--noUnusedLocals",
        "--noEmit",
        "--isolatedModules",
        "--verbatimModuleSyntax",
        "--erasableSyntaxOnly",
        "events.ts",
        "uses.ts",
    ]);
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// The TypeScript compiler, for Node and for browsers.
fn compiler(directory: &Path) -> Command {
    let mut tsc = Command::new(node().join("node_modules/.bin/tsc"));
    tsc.current_dir(directory).args([
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "--types",
        "",
    ]);
    tsc
}

/// The module as JavaScript, in a directory within that of the packages it imports.
pub(crate) fn compiled(directory: &Path, events: &str) -> PathBuf {
    std::fs::write(directory.join("events.mts"), events).unwrap();
    run(compiler(directory).arg("events.mts"));
    directory.join("events.mjs")
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
