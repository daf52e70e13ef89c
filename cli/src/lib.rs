//! The library behind the command `sio-types`: TypeScript from a crate's Socket.IO events.

#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "fuzzing.rs"]
pub mod __fuzzing;
mod asyncapi;
mod build;
mod check;
mod cli;
mod config;
pub mod diff;
mod docs;
mod document;
mod error;
mod generate;
mod init;
mod manual;
mod output;
mod scan;
mod terminal;
pub mod typescript;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
pub use error::Error;
use terminal::Manners;

/// The whole program.
pub fn main() -> ExitCode {
    if let Some(exit_code) = build::wrapper::run_if_asked() {
        return exit_code;
    }
    let Cli {
        command,
        quiet,
        json,
    } = Cli::parse();
    terminal::behave(Manners { quiet, json });
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.report();
            error.exit_code()
        }
    }
}

fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Init(arguments) => init::run(&arguments),
        Command::GenTs(arguments) => generate::typescript(&arguments),
        Command::GenSchema(arguments) => generate::schema(&arguments),
        Command::GenAsyncApi(arguments) => generate::asyncapi(arguments),
        Command::GenDocs(arguments) => generate::docs(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { output } => manual::pages(output.as_deref()),
    }
}
