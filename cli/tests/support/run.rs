//! One run of the command.
#![allow(dead_code, reason = "no test needs all of it")]

#[path = "bounded.rs"]
pub(crate) mod bounded;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One run of `sio-types` in a fixture's directory.
pub(crate) struct Run {
    pub(crate) command: Command,
}

impl Run {
    pub(crate) fn in_fixture(fixture: &str) -> Self {
        Self::in_directory(&fixtures().join(fixture))
    }

    /// All share a target directory, so that dependencies are built once.
    pub(crate) fn in_directory(directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sio-types"));
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
        command
            .current_dir(directory)
            .env("CARGO_TARGET_DIR", target);
        Self { command }
    }

    pub(crate) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(arguments);
        self
    }

    #[track_caller]
    pub(crate) fn output(mut self) -> Output {
        bounded::output(&mut self.command)
    }

    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Output {
        let output = self.output();
        assert_eq!(output.status.code(), Some(code), "{output:#?}");
        output
    }

    #[track_caller]
    pub(crate) fn stdout(self) -> String {
        String::from_utf8(self.code(0).stdout).unwrap()
    }

    /// What it says, on both streams.
    #[track_caller]
    pub(crate) fn says(self, code: i32) -> String {
        let output = self.code(code);
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).unwrap()
    }

    #[track_caller]
    pub(crate) fn fails(self, code: i32, parts: &[&str]) {
        let stderr = String::from_utf8(self.code(code).stderr).unwrap();
        for part in parts {
            assert!(stderr.contains(part), "`{part}` is not in:\n{stderr}");
        }
    }
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A copy of a fixture that a test may change.
pub(crate) fn copy_of(fixture: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir_in(fixtures()).unwrap();
    for file in ["Cargo.toml", "src/lib.rs", "src/chat.rs"] {
        let target = copy.path().join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(fixtures().join(fixture).join(file), target).unwrap();
    }
    copy
}
