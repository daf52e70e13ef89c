//! The collector: a program that is linked with a crate and prints its schema.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use super::package::Subject;
use super::recipe::Recipe;
use crate::error::Error;

/// Source of the collector. `extern crate` links the crate, and everything that it registers, although the program
/// calls nothing in it.
const SOURCE: &str = "\
extern crate subject as _;
fn main() -> std::process::ExitCode {
    sio_types::__private::print_schema()
}
";

/// Returns the schema of the crate as JSON.
pub(super) fn run(recipe: &Recipe, subject: &Subject) -> Result<String, Error> {
    let program = program(recipe);
    // The output depends on nothing but the program, so it can be cached.
    let printed = program.with_extension("json");
    if !is_fresh(&program, &recipe.path) {
        link(recipe, &program, subject)?;
    } else if is_fresh(&printed, &program)
        && let Ok(json) = fs::read_to_string(&printed)
    {
        return Ok(json);
    }
    let output = Command::new(&program).output();
    let output = output.map_err(|error| Error::io("run", &program, &error))?;
    if !output.status.success() {
        return Err(Error::build(explanation(&output)).at(subject));
    }
    let json = String::from_utf8_lossy(&output.stdout).into_owned();
    crate::output::replace(&printed, &json)?;
    Ok(json)
}

/// Returns the path of the program. It is next to the crate's own files, whose names cargo keeps distinct.
fn program(recipe: &Recipe) -> PathBuf {
    let stem = recipe
        .library
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let name = format!("sio-types-{stem}{}", std::env::consts::EXE_SUFFIX);
    recipe.library.with_file_name(name)
}

fn is_fresh(program: &Path, recipe: &Path) -> bool {
    let modified = |path: &Path| -> std::io::Result<SystemTime> { path.metadata()?.modified() };
    match (modified(program), modified(recipe)) {
        (Ok(program), Ok(recipe)) => program > recipe,
        _ => false,
    }
}

fn link(recipe: &Recipe, program: &Path, subject: &Subject) -> Result<(), Error> {
    let Some(sio_types) = &recipe.sio_types else {
        return Err(Error::build("the crate was built without sio-types")
            .at(subject)
            .help("if the dependency is optional, enable its feature with `--features`"));
    };
    let source = program.with_extension("rs");
    crate::output::write(&source, SOURCE)?;
    let mut command = Command::new(&recipe.rustc);
    command.current_dir(&recipe.directory);
    if let Some(toolchain) = &recipe.toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    command.args([
        "--edition",
        "2021",
        "--crate-type",
        "bin",
        "--crate-name",
        "sio_types_collector",
    ]);
    command.args(&recipe.arguments);
    command.args(["--extern".into(), external("subject", &recipe.library)]);
    command.args(["--extern".into(), external("sio_types", sio_types)]);
    command.arg("-o").arg(program).arg(&source);
    let output = command
        .output()
        .map_err(|error| Error::io("run", &recipe.rustc, &error))?;
    if !output.status.success() {
        return Err(Error::build(format!(
            "cannot link the schema collector with the crate:\n{}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        ))
        .at(subject));
    }
    Ok(())
}

fn external(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push("=");
    argument.push(path);
    argument
}

fn explanation(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    match text.trim() {
        "" => format!("the schema collector failed: {}", output.status),
        text => text.to_owned(),
    }
}
