//! The `Cargo.toml` of the crate.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use super::done::Done;
use crate::error::Error;
use crate::output;

const NAME: &str = "sio-types";

/// A manifest and the entries to add to it.
pub(super) struct Manifest {
    file: PathBuf,
    document: DocumentMut,
    is_new: bool,
}

impl Manifest {
    /// Opens the manifest of a crate, or starts one for a new crate.
    pub(super) fn open(directory: &Path, is_new: bool) -> Result<Self, Error> {
        let file = directory.join("Cargo.toml");
        let document = if is_new {
            new(directory)?
        } else {
            read(&file)?
        };
        if document.get("package").is_none() {
            let what = "the manifest has no `[package]` section";
            return Err(Error::package(what)
                .at(file.display())
                .help("for a workspace, pass the directory of one of its packages"));
        }
        Ok(Self {
            file,
            document,
            is_new,
        })
    }

    /// Adds the dependency, unless it is there, and writes the manifest.
    pub(super) fn complete(mut self, path: Option<&Path>, done: &mut Done) -> Result<(), Error> {
        if depends(&self.document) {
            return Ok(());
        }
        let dependencies = self.document.entry("dependencies");
        let dependencies = dependencies.or_insert(Item::Table(Table::new()));
        let Some(dependencies) = dependencies.as_table_like_mut() else {
            return Err(Error::package("`dependencies` is not a table").at(self.file.display()));
        };
        dependencies.insert(NAME, dependency(path)?);
        output::write(&self.file, &self.document.to_string())?;
        let what = if self.is_new { "created" } else { "updated" };
        done.add(what, &self.file);
        Ok(())
    }
}

/// Returns `true` if the manifest configures the generated files.
pub(super) fn has_configuration(directory: &Path) -> bool {
    read(&directory.join("Cargo.toml")).is_ok_and(|manifest| {
        let metadata = manifest
            .get("package")
            .and_then(|package| package.get("metadata"));
        metadata.is_some_and(|metadata| metadata.get(NAME).is_some())
    })
}

fn read(file: &Path) -> Result<DocumentMut, Error> {
    let text = fs::read_to_string(file).map_err(|error| Error::io("read", file, &error))?;
    text.parse().map_err(|error: toml_edit::TomlError| {
        Error::package(error.to_string().trim_end().to_owned()).at(file.display())
    })
}

/// Returns `true` if the manifest has the dependency, under any name.
fn depends(manifest: &DocumentMut) -> bool {
    let dependencies = manifest.get("dependencies").and_then(Item::as_table_like);
    dependencies.is_some_and(|dependencies| {
        dependencies.iter().any(|(name, dependency)| {
            let package = dependency.get("package").and_then(Item::as_str);
            package.unwrap_or(name) == NAME
        })
    })
}

fn dependency(path: Option<&Path>) -> Result<Item, Error> {
    let Some(path) = path else {
        let (version, _) = env!("CARGO_PKG_VERSION")
            .rsplit_once('.')
            .unwrap_or_default();
        return Ok(value(version));
    };
    let path = path
        .canonicalize()
        .map_err(|error| Error::io("locate", path, &error))?;
    let mut table = InlineTable::new();
    table.insert("path", path.display().to_string().into());
    Ok(value(table))
}

fn new(directory: &Path) -> Result<DocumentMut, Error> {
    fs::create_dir_all(directory)
        .map_err(|error| Error::io("create the directory", directory, &error))?;
    let name = directory.canonicalize();
    let name = name.map_err(|error| Error::io("locate", directory, &error))?;
    let name = name
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let letter = |letter: char| match letter {
        'a'..='z' | '0'..='9' | '_' | '-' => letter,
        _ => '-',
    };
    let name: String = name.chars().map(letter).collect();
    let name = name.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    let name = if name.is_empty() { "server" } else { name };
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\naxum = \"0.8\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }}\n"
    );
    text.parse()
        .map_err(|error: toml_edit::TomlError| Error::package(error.to_string()))
}
