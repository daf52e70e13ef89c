//! The command `check`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::outputs;
use crate::build::Source;
use crate::config::Config;
use crate::error::{self, Error};
use crate::{output, typescript};

/// Fix for files that are missing or out of date.
const UPDATE: &str = "run `sio-types gen-ts --config`";

/// Options of `check`.
#[derive(Debug)]
pub(crate) struct Options {
    /// Configuration file. Defaults to the nearest one.
    pub(crate) config: Option<PathBuf>,
    pub(crate) source: Source,
}

/// Fails if a file differs from what would be generated, or if a generated file is not in the configuration.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let config = &Config::find(options.config.as_deref())?;
    let mut problems = Vec::new();
    for (output, text) in outputs::texts(config, &options.source)? {
        let compared = output::check(&output.file, &text, UPDATE);
        problems.extend(compared.err());
    }
    problems.extend(extra(config).into_iter().map(|file| {
        Error::differs("the file is no longer generated")
            .at(file.display())
            .help(format!(
                "delete it, or add it to `{}`",
                config.file.display()
            ))
    }));
    for problem in &problems {
        problem.report();
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(Error::differs(format!(
            "{count} generated {} not up to date",
            if count == 1 { "file is" } else { "files are" }
        ))
        .help(format!("{UPDATE}, and commit the changes"))),
    }
}

/// Returns the generated files in the directories of the configured files that are not configured themselves.
fn extra(config: &Config) -> Vec<PathBuf> {
    let named: BTreeSet<_> = config
        .outputs
        .iter()
        .filter_map(|it| it.file.canonicalize().ok())
        .collect();
    let directories: BTreeSet<_> = named.iter().filter_map(|file| file.parent()).collect();
    let mut found = Vec::new();
    for directory in directories {
        let entries = match directory.read_dir() {
            Ok(entries) => entries,
            Err(error) => {
                error::warn(&format!(
                    "cannot read the directory `{}`: {error}",
                    directory.display()
                ));
                continue;
            }
        };
        let files = entries.flatten().map(|entry| entry.path());
        found.extend(files.filter(|file| !named.contains(file) && is_generated(file)));
    }
    found.sort();
    found
}

fn is_generated(file: &Path) -> bool {
    let mut start = vec![0; typescript::MARK.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == typescript::MARK.as_bytes()
}
