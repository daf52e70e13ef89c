//! Implementation of the command `sio-types`, which generates TypeScript from the Socket.IO events of a crate.

#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "fuzzing.rs"]
pub mod __fuzzing;
mod args;
mod asyncapi;
mod build;
mod commands;
mod config;
mod defaults;
pub mod diff;
mod docs;
mod document;
mod error;
mod input;
mod json_schema;
mod output;
mod scan;
mod terminal;
pub mod typescript;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command, manual};
pub use error::Error;
use terminal::OutputOptions;

/// Runs the program.
pub fn main() -> ExitCode {
    if let Some(exit_code) = build::wrapper::run_if_asked() {
        return exit_code;
    }
    let Cli {
        command,
        quiet,
        json,
    } = Cli::parse();
    terminal::init(OutputOptions { quiet, json });
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
        Command::Init(arguments) => commands::init::run(&arguments.into()),
        Command::GenTs(arguments) => commands::gen_ts::run(&arguments.into()),
        Command::GenSchema(arguments) => commands::gen_schema::run(&arguments.into()),
        Command::GenAsyncApi(arguments) => commands::gen_asyncapi::run(&arguments.into()),
        Command::GenDocs(arguments) => commands::gen_docs::run(&arguments.into()),
        Command::Check(arguments) => commands::check::run(&arguments.into()),
        Command::Diff(arguments) => commands::diff::run(&arguments.into()),
        Command::Scan(arguments) => commands::scan::run(&arguments.into()),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { output } => manual::pages(output.as_deref()),
    }
}
