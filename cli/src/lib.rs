//! The library behind the command `sio-types`: TypeScript from a crate's Socket.IO events.

mod build;
mod cli;
mod error;
mod output;
pub mod typescript;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use sio_types::schema::Schema;

use cli::{Cli, Command, GenSchema, GenTs};
pub use error::Error;

/// The whole program.
pub fn main() -> ExitCode {
    if let Some(exit_code) = build::wrapper::run_if_asked() {
        return exit_code;
    }
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.report();
            error.exit_code()
        }
    }
}

fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::GenTs(GenTs {
            source,
            schema,
            output,
        }) => {
            let schema = match schema {
                Some(path) => read_schema(&path)?,
                None => build::schema_of_crate(&source)?,
            };
            let module = typescript::print(&schema)?;
            for warning in &module.warnings {
                error::warn(warning);
            }
            output::deliver(&output, &module.text)
        }
        Command::GenSchema(GenSchema { source, output }) => {
            let schema = build::schema_of_crate(&source)?;
            output::deliver(&output, &schema.to_json())
        }
    }
}

fn read_schema(path: &Path) -> Result<Schema, Error> {
    let json = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    Schema::from_json(&json).map_err(|error| Error::usage(error.to_string()).at(path.display()))
}
