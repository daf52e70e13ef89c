//! Execution of other programs, one after the other.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::processes::ProcessGroup;

/// Returns the root directory of the workspace.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Creates a command that runs in a directory of the workspace.
pub(crate) fn command(directory: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(root().join(directory))
        .args(arguments)
        .envs(throwaway());
    command
}

/// Returns environment variables that turn off incremental compilation and debug information, in CI only. They also
/// apply to all processes that the command starts.
fn throwaway() -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_ci = std::env::var_os("CI").is_some();
    let without = [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")];
    without.into_iter().filter(move |_| is_ci)
}

/// Creates a Cargo command that runs in the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command("", "cargo", arguments)
}

/// Returns the directory of programs that are already built, from the environment variable `PROGRAMS`.
pub(crate) fn programs() -> Option<PathBuf> {
    std::env::var_os("PROGRAMS").map(PathBuf::from)
}

/// Creates a command for a program of a package. Without a directory of built programs, Cargo builds and runs it.
pub(crate) fn program(package: &str, name: &str, programs: Option<&Path>) -> Command {
    let Some(programs) = programs else {
        return cargo(&["run", "--quiet", "--package", package, "--"]);
    };
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(programs.join(name));
    command.current_dir(root()).envs(throwaway());
    command
}

/// Creates an npm command that runs in a directory of the workspace.
pub(crate) fn npm(directory: &str, arguments: &[&str]) -> Command {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    command(directory, program, arguments)
}

/// Runs one step, and prints its name.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("\n==> {name}");
    let started = Instant::now();
    let done = work().with_context(|| name.to_owned())?;
    eprintln!("    {name}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(done)
}

/// Runs a program until it ends.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    eprintln!("    {shown}");
    let process = ProcessGroup::spawn(command).map_err(|error| explained(&error, command))?;
    let status = process.wait()?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a program, and returns its output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| explained(&error, command))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` ended with {}: {stderr}",
            shown(command),
            output.status
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn explained(error: &io::Error, command: &Command) -> anyhow::Error {
    let program = command.get_program().to_string_lossy();
    let help = match (error.kind(), &*program) {
        (io::ErrorKind::NotFound, "node" | "npm" | "npx") => {
            ": install Node.js 20.19 or later, which brings it"
        }
        (io::ErrorKind::NotFound, _) => ": it is not installed, or not on the PATH",
        _ => "",
    };
    anyhow::anyhow!("`{program}` cannot be started ({error}){help}")
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
