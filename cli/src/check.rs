//! All files of a configuration, written or compared.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sio_types::schema::Schema;

use crate::cli::Source;
use crate::config::{Config, Kind, OutputFile};
use crate::error::Error;
use crate::output::{self, Written};
use crate::typescript::{self, Target};
use crate::{build, error, typescript_of};

/// Writes the TypeScript files.
pub(crate) fn write(config: &Config, source: &Source) -> Result<Vec<(PathBuf, Written)>, Error> {
    let schema = build::schema_of_crate(source)?;
    // All are made before the first is written: a mistake leaves all as they are.
    let texts: Vec<_> = config
        .outputs
        .iter()
        .map(|output| Ok((output, text(output, &schema)?)))
        .collect::<Result<_, Error>>()?;
    let written = texts.into_iter().map(|(output, text)| {
        let written = output::write(&output.file, &text)?;
        Ok((output.file.clone(), written))
    });
    written.collect()
}

/// Fails if a file is not as it would be written, or is there without being named.
pub(crate) fn run(config: &Config, source: &Source) -> Result<(), Error> {
    let schema = build::schema_of_crate(source)?;
    let mut problems = Vec::new();
    for output in &config.outputs {
        let compared = output::check(&output.file, &text(output, &schema)?);
        problems.extend(compared.err());
    }
    problems.extend(extra(config).into_iter().map(|file| {
        Error::differs("the file was generated, and is no longer")
            .at(file.display())
            .help(format!(
                "delete it, or name it in `{}`",
                config.file.display()
            ))
    }));
    for problem in &problems {
        problem.report();
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(Error::differs(format!(
            "{count} of the generated files {} not right",
            if count == 1 { "is" } else { "are" }
        ))
        .help("run `sio-types gen-ts --config`, and commit what it writes")),
    }
}

fn text(output: &OutputFile, schema: &Schema) -> Result<String, Error> {
    match output.kind {
        Kind::TypeScript => typescript_of(schema, Target { node: output.node }),
        Kind::Schema => Ok(schema.to_json()),
    }
}

/// Files beside those that are named, which say that they are generated.
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
                    "`{}` cannot be looked into: {error}",
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
