//! Obtains the schema of a crate.
//!
//! Cargo builds the crate as usual, but into a separate target directory and with this program as rustc's wrapper. For
//! the selected crate, the wrapper enables registration (see [`wrapper`]) and records how the crate was compiled. Then
//! a program of three lines is linked with the crate and prints what is registered (see [`collector`]).

mod cargo;
mod collector;
mod merge;
mod package;
mod progress;
mod recipe;
mod source;
pub(crate) mod wrapper;

use std::fs::{self, File};
use std::path::Path;

use sio_types_schema::Schema;

use crate::document;
use crate::error::Error;
use crate::watch::Places;
use package::Subject;
pub(crate) use source::Source;

/// Returns the schema of the crate that the command line names, or the merged schema of several crates.
pub(crate) fn schema_of_crate(source: &Source) -> Result<Schema, Error> {
    wrapper::refuse_within_a_build()?;
    if let [] | [_] = &*source.packages {
        let package = source.packages.first();
        return schema_of(source, package.map(String::as_str));
    }
    let packages = source.packages.iter();
    let schemas = packages.map(|package| Ok((package.clone(), schema_of(source, Some(package))?)));
    merge::merged(schemas.collect::<Result<_, Error>>()?)
}

fn schema_of(source: &Source, package: Option<&str>) -> Result<Schema, Error> {
    let subject = Subject::find(source, package)?;
    let _lock = lock(&subject.target_directory)?;
    let recipe = cargo::build(source, &subject)?;
    let json = collector::run(&recipe, &subject)?;
    let schema = Schema::from_json(&json).map_err(|error| {
        Error::build(error.to_string())
            .at(&subject)
            .help("use the same version of the `sio-types` dependency and the `sio-types` command")
    })?;
    document::check(&schema).map_err(|error| error.at(&subject))?;
    if schema.namespaces.is_empty() {
        return Err(nothing_found(&subject));
    }
    Ok(schema)
}

/// Returns the paths that the schema of the crate may depend on: the sources and manifests of its workspace.
pub(crate) fn places(source: &Source) -> Result<Places, Error> {
    package::places(source)
}

/// Prevents other runs from recompiling the crate before this one has linked with it.
fn lock(directory: &Path) -> Result<File, Error> {
    let path = directory.join(".lock");
    let lock = || {
        fs::create_dir_all(directory)?;
        let file = File::create(&path)?;
        file.lock()?;
        Ok(file)
    };
    lock().map_err(|error| Error::io("lock", &path, &error))
}

fn nothing_found(subject: &Subject) -> Error {
    let elsewhere = match &*subject.other_targets {
        [] => "choose another package with `--package`".to_owned(),
        [name] => format!("choose the binary with `--bin {name}`"),
        names => format!("choose a binary with `--bin`: {}", names.join(", ")),
    };
    Error::no_events("no `#[derive(Events)]` found")
        .at(subject)
        .help(format!("add it to a type of this crate, or {elsewhere}"))
}
