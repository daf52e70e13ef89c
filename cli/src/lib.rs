//! The library behind the command `sio-types`: TypeScript from a crate's Socket.IO events.

mod build;
mod cli;
pub mod diff;
mod error;
mod output;
pub mod typescript;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use sio_types::schema::Schema;

use cli::{Cli, Command, Diff, FailOn, GenSchema, GenTs};
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
        Command::Diff(arguments) => report_changes(&arguments),
    }
}

fn report_changes(arguments: &Diff) -> Result<(), Error> {
    let Diff {
        old, new, schema, ..
    } = arguments;
    // The file is read first: a mistake in it is not to be found after a long build.
    let ignored = diff::Ignored::read(arguments.ignore.as_deref())?;
    let before = match (old, &arguments.against) {
        (Some(path), _) => read_schema(path)?,
        (None, Some(revision)) => diff::schema_at(revision, &arguments.source, schema.as_deref())?,
        (None, None) => {
            return Err(Error::usage("there is nothing to compare with")
                .help("name a schema document, or a revision with `--against`"));
        }
    };
    let after = match new.as_ref().or(schema.as_ref()) {
        Some(path) => read_schema(path)?,
        None => build::schema_of_crate(&arguments.source)?,
    };
    let (changes, idle) = ignored.apply(diff::compare(&before, &after));
    for warning in idle {
        error::warn(&warning);
    }
    anstream::print!("{}", diff::print(&changes, arguments.format));
    let worst = changes.first().map(diff::Change::level);
    let fails = match arguments.fail_on {
        FailOn::Breaking => worst == Some(diff::Level::Breaking),
        FailOn::Risky => worst > Some(diff::Level::Safe),
        FailOn::Never => false,
    };
    if !fails {
        return Ok(());
    }
    Err(
        Error::differs("the events have changed in a way that breaks others").help(
            "mend what is said above, or let it pass with a reason in `.sio-types-ignore.toml`",
        ),
    )
}

fn read_schema(path: &Path) -> Result<Schema, Error> {
    let json = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    Schema::from_json(&json).map_err(|error| Error::usage(error.to_string()).at(path.display()))
}
