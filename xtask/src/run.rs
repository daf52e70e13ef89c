//! Runs other programs, one step after the other.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::processes::ProcessGroup;

/// The directory that holds the workspace.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// A program with its arguments, to be run in a directory of the workspace.
pub(crate) fn command(directory: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(root().join(directory))
        .args(arguments)
        .envs(throwaway());
    command
}

/// What builds do without that nobody goes on with or steps through, for them and for all that they start.
fn throwaway() -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_ci = std::env::var_os("CI").is_some();
    let without = [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")];
    without.into_iter().filter(move |_| is_ci)
}

/// Cargo, in the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    command("", "cargo", arguments)
}

/// Where the programs of the workspace are, if somebody has built them already and says so by `PROGRAMS`.
pub(crate) fn programs() -> Option<PathBuf> {
    std::env::var_os("PROGRAMS").map(PathBuf::from)
}

/// A program of a package: one that is built already, or else built and run by cargo.
pub(crate) fn program(package: &str, name: &str, programs: Option<&Path>) -> Command {
    let Some(programs) = programs else {
        return cargo(&["run", "--quiet", "--package", package, "--"]);
    };
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(programs.join(name));
    command.current_dir(root()).envs(throwaway());
    command
}

/// npm, in a directory of the workspace.
pub(crate) fn npm(directory: &str, arguments: &[&str]) -> Command {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    command(directory, program, arguments)
}

/// Does one step of the work, and says so.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("\n==> {name}");
    let started = Instant::now();
    let done = work().with_context(|| name.to_owned())?;
    eprintln!("    {name}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(done)
}

/// Runs a program to its end.
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

/// Runs a program for what it prints.
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
