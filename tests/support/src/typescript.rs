//! The TypeScript compiler and Prettier, which check generated modules.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::{
    command::{output, run},
    repository,
};

/// Returns the directory with Prettier, TypeScript and socket.io-client, and installs them if they are missing.
pub fn packages() -> PathBuf {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    let directory = repository("tests/typescript");
    INSTALLED.call_once(|| {
        if !directory.join("node_modules").exists() {
            run(Command::new("npm").arg("ci").current_dir(&directory));
        }
    });
    directory
}

/// Asserts that Prettier would not change a module.
pub fn assert_formatted(typescript: &str) {
    let file = tempfile::Builder::new()
        .suffix(".ts")
        .tempfile_in(packages())
        .unwrap();
    std::fs::write(&file, typescript).unwrap();
    let prettier = packages().join("node_modules/.bin/prettier");
    let output = run(Command::new(prettier)
        .current_dir(packages())
        .arg("--no-config")
        .arg(file.path()));
    assert_same(typescript, &output);
}

/// Asserts that two modules compile under the strictest settings. The second imports the first as `./events.js`.
pub fn assert_compiles(events: &str, uses: &str) {
    let output = tsc(events, uses);
    let errors = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{errors}");
}

/// Returns the lines of the second module that do not compile, counted from 1.
pub fn error_lines(events: &str, uses: &str) -> Vec<usize> {
    let output = tsc(events, uses);
    let errors = String::from_utf8_lossy(&output.stdout);
    let line = |error: &str| {
        let position = error.strip_prefix("uses.ts(")?;
        position.split_once(',')?.0.parse().ok()
    };
    errors.lines().filter_map(line).collect()
}

/// Asserts that modules in directories below [`packages`] compile under strict settings, as a bundler reads them.
pub fn assert_all_compile(directory: &Path, files: &[PathBuf]) {
    let mut command = Command::new(packages().join("node_modules/.bin/tsc"));
    command.current_dir(directory).args([
        "--strict",
        "--exactOptionalPropertyTypes",
        "--noUncheckedIndexedAccess",
        "--skipLibCheck",
        "--noEmit",
        "--jsx",
        "react-jsx",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--target",
        "es2023",
        "--lib",
        "es2023,dom,dom.iterable",
        "--types",
        "",
    ]);
    let output = output(command.args(files));
    let errors = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{errors}");
}

fn tsc(events: &str, uses: &str) -> Output {
    let directory = tempfile::tempdir_in(packages()).unwrap();
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
    output(&mut command)
}

/// Returns a run of the TypeScript compiler, with the types of both Node's modules and browsers.
fn compiler(directory: &Path) -> Command {
    let mut tsc = Command::new(packages().join("node_modules/.bin/tsc"));
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

/// Compiles a module to JavaScript in a directory below [`packages`], and returns its path.
pub fn compiled(directory: &Path, events: &str) -> PathBuf {
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
