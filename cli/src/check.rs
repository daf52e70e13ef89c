//! All files of a configuration, written or compared.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sio_types::schema::Schema;

use crate::cli::{Check, Source};
use crate::config::{Config, Kind, OutputFile};
use crate::error::Error;
use crate::generate::typescript_of;
use crate::output::{self, Written};
use crate::typescript::{self, Target};
use crate::{asyncapi, build, cli, docs, error};

/// Writes all of them.
pub(crate) fn write(config: &Config, said: &Source) -> Result<Vec<(PathBuf, Written)>, Error> {
    // All are made before the first is written: a mistake leaves all as they are.
    let written = texts(config, said)?.into_iter().map(|(output, text)| {
        let written = output::write(&output.file, &text)?;
        Ok((output.file.clone(), written))
    });
    written.collect()
}

/// Fails if a file is not as it would be written, or is there without being named.
pub(crate) fn run(arguments: &Check) -> Result<(), Error> {
    let config = &Config::find(arguments.config.as_deref())?;
    let mut problems = Vec::new();
    for (output, text) in texts(config, &arguments.source)? {
        let compared = output::check(&output.file, &text);
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

fn texts<'a>(config: &'a Config, said: &Source) -> Result<Vec<(&'a OutputFile, String)>, Error> {
    let mut schemas: BTreeMap<Vec<String>, Schema> = BTreeMap::new();
    let texts = config.outputs_of(said).map(|(output, source)| {
        let schema = match schemas.entry(source.packages.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(build::schema_of_crate(&source)?),
        };
        Ok((output, text(output, schema)?))
    });
    texts.collect()
}

fn text(output: &OutputFile, schema: &Schema) -> Result<String, Error> {
    match output.kind {
        Kind::TypeScript => typescript_of(
            schema,
            Target {
                node: output.node,
                react: output.react,
                zod: output.zod,
            },
        ),
        Kind::Schema => Ok(schema.to_json()),
        Kind::AsyncApi => {
            let info = asyncapi::Info {
                title: said(&output.title, cli::TITLE),
                version: said(&output.app_version, cli::APP_VERSION),
                server: output.server.clone(),
            };
            asyncapi::print(schema, &info, asyncapi::is_json(&output.file))
        }
        Kind::Docs => {
            let info = docs::Info {
                title: said(&output.title, cli::TITLE),
                server: said(&output.server, cli::SERVER),
                live: None,
            };
            docs::print(schema, &info)
        }
    }
}

fn said(text: &Option<String>, default: &str) -> String {
    text.as_deref().unwrap_or(default).to_owned()
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
