//! The library behind the command `sio-types`: TypeScript from a crate's Socket.IO events.

mod asyncapi;
mod build;
mod check;
mod cli;
mod config;
pub mod diff;
mod error;
mod init;
mod output;
pub mod typescript;
mod watch;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use sio_types::schema::Schema;

use cli::{Check, Cli, Command, Diff, DocumentFormat, FailOn, GenAsyncApi, GenSchema, GenTs};
use config::Config;
pub use error::Error;
use typescript::Target;

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
        Command::Init(arguments) => init::run(&arguments),
        Command::GenTs(arguments) => generate_typescript(&arguments),
        Command::GenSchema(GenSchema { source, output }) => {
            let schema = build::schema_of_crate(&source)?;
            output::deliver(&output, &schema.to_json())
        }
        Command::GenAsyncApi(arguments) => generate_asyncapi(arguments),
        Command::Check(Check { config, source }) => {
            let config = Config::find(config.as_deref())?;
            check::run(&config, &config.source(&source))
        }
        Command::Diff(arguments) => report_changes(&arguments),
    }
}

fn generate_typescript(arguments: &GenTs) -> Result<(), Error> {
    let GenTs { source, output, .. } = arguments;
    let target = Target {
        node: arguments.node,
    };
    if let Some(named) = &arguments.config {
        let config = Config::find(named.as_deref())?;
        let source = config.source(source);
        let write = || check::write(&config, &source);
        return if arguments.watch {
            watch::run(|| build::places(&source), write)
        } else {
            write().map(drop)
        };
    }
    if arguments.watch {
        if output.file.as_os_str() == "-" {
            return Err(
                Error::usage("`--watch` has no file to write").help("name it with `--output FILE`")
            );
        }
        let write = || {
            let text = typescript_of(&build::schema_of_crate(source)?, target)?;
            let written = output::write(&output.file, &text)?;
            Ok(vec![(output.file.clone(), written)])
        };
        return watch::run(|| build::places(source), write);
    }
    let schema = match &arguments.schema {
        Some(path) => read_schema(path)?,
        None => build::schema_of_crate(source)?,
    };
    output::deliver(output, &typescript_of(&schema, target)?)
}

fn generate_asyncapi(arguments: GenAsyncApi) -> Result<(), Error> {
    let schema = match &arguments.schema {
        Some(path) => read_schema(path)?,
        None => build::schema_of_crate(&arguments.source)?,
    };
    let output = arguments.output;
    let is_json = match arguments.format {
        Some(format) => format == DocumentFormat::Json,
        None => output
            .file
            .extension()
            .is_some_and(|extension| extension == "json"),
    };
    let info = asyncapi::Info {
        title: arguments.title,
        version: arguments.app_version,
        server: arguments.server,
    };
    let document = asyncapi::document(&schema, &info)?;
    let text = if is_json {
        format!("{document:#}\n")
    } else {
        let text = yaml_serde::to_string(&document);
        text.map_err(|error| Error::usage(format!("cannot write YAML: {error}")))?
    };
    output::deliver(&output, &text)
}

/// The module, after its warnings are printed.
fn typescript_of(schema: &Schema, target: Target) -> Result<String, Error> {
    let module = typescript::print_for(schema, target)?;
    for warning in &module.warnings {
        error::warn(warning);
    }
    Ok(module.text)
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
