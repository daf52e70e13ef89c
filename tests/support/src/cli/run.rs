//! Runs of the command line in its fixtures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::command::output;
use crate::repository;

/// A run of `sio-types`.
#[derive(Debug)]
pub struct Run {
    /// The command, before it is started.
    pub command: Command,
}

impl Run {
    /// Returns a run in the directory of a fixture.
    pub fn in_fixture(fixture: &str) -> Self {
        Self::in_directory(&fixtures().join(fixture))
    }

    /// Returns a run in a directory.
    pub fn in_directory(directory: &Path) -> Self {
        let build = build_directory();
        let mut command = Command::new(build.join("sio-types"));
        // All runs share a target directory, so that dependencies are built once.
        let target = build.with_file_name("tmp").join("fixtures");
        command
            .current_dir(directory)
            .env("CARGO_TARGET_DIR", target);
        Self { command }
    }

    /// Adds arguments.
    pub fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Runs the command.
    #[track_caller]
    pub fn output(mut self) -> Output {
        output(&mut self.command)
    }

    /// Runs the command, and asserts its exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Output {
        let output = self.output();
        assert_eq!(output.status.code(), Some(code), "{output:#?}");
        output
    }

    /// Runs the command, and returns its standard output; panics if it fails.
    #[track_caller]
    pub fn stdout(self) -> String {
        String::from_utf8(self.code(0).stdout).unwrap()
    }

    /// Runs the command, asserts its exit code, and returns the text of both output streams.
    #[track_caller]
    pub fn says(self, code: i32) -> String {
        let output = self.code(code);
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).unwrap()
    }

    /// Runs the command, and asserts its exit code and parts of its standard error.
    #[track_caller]
    pub fn fails(self, code: i32, parts: &[&str]) {
        let stderr = String::from_utf8(self.code(code).stderr).unwrap();
        for part in parts {
            assert!(stderr.contains(part), "`{part}` is not in:\n{stderr}");
        }
    }
}

/// Returns the directory in which Cargo has put the programs: the parent of the one with the running test.
fn build_directory() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_owned()
}

/// Returns the directory of the fixtures.
pub fn fixtures() -> PathBuf {
    repository("cli/tests/fixtures")
}

/// Copies a fixture to a directory that a test may change.
pub fn copy_of(fixture: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir_in(fixtures()).unwrap();
    for file in ["Cargo.toml", "src/lib.rs", "src/chat.rs"] {
        let target = copy.path().join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(fixtures().join(fixture).join(file), target).unwrap();
    }
    copy
}
