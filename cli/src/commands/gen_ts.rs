//! The command `gen-ts`.

use std::path::PathBuf;

use super::outputs;
use crate::build::{self, Source};
use crate::config::Config;
use crate::error::Error;
use crate::input::Input;
use crate::output::{self, Destination};
use crate::typescript::Target;
use crate::watch;

/// Options of `gen-ts`.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) files: Files,
    /// `true` if the files are regenerated whenever the crate changes.
    pub(crate) watch: bool,
}

/// Files to write.
#[derive(Debug)]
pub(crate) enum Files {
    /// One file, given on the command line.
    One {
        input: Input,
        output: Destination,
        target: Target,
    },
    /// All files of a configuration.
    Configured {
        /// Configuration file. Defaults to the nearest one.
        config: Option<PathBuf>,
        source: Source,
    },
}

/// Writes TypeScript.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let watch = options.watch;
    match &options.files {
        Files::Configured { config, source } => {
            configured(&Config::find(config.as_deref())?, source, watch)
        }
        Files::One {
            input,
            output,
            target,
        } => one(input, output, *target, watch),
    }
}

fn configured(config: &Config, source: &Source, watch: bool) -> Result<(), Error> {
    let write = || outputs::write(config, source);
    if watch {
        return watch::run(|| build::places(&config.source(source)), write);
    }
    for (file, written) in write()? {
        output::report(&file, written);
    }
    Ok(())
}

fn one(input: &Input, output: &Destination, target: Target, watch: bool) -> Result<(), Error> {
    let text = || outputs::typescript(&input.schema()?, target);
    if !watch {
        return output::deliver(output, &text()?);
    }
    if output.is_stdout() {
        return Err(
            Error::usage("`--watch` requires an output file").help("pass one with `--output FILE`")
        );
    }
    let write = || {
        let written = output::write(&output.file, &text()?)?;
        Ok(vec![(output.file.clone(), written)])
    };
    watch::run(|| build::places(&input.source), write)
}
