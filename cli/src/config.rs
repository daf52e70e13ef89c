//! Configuration of generated files: `sio-types.toml`, or `[package.metadata.sio-types]` of a `Cargo.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::build::Source;
use crate::error::Error;

/// Name of the file that is searched for in the current directory and its parents.
const NAME: &str = "sio-types.toml";

/// A configuration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default, rename = "package")]
    packages: Packages,
    bin: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    all_features: bool,
    #[serde(default)]
    no_default_features: bool,
    /// Files to generate.
    #[serde(rename = "output")]
    pub(crate) outputs: Vec<OutputFile>,
    /// Directory of the configuration. Its paths are relative to it.
    #[serde(skip)]
    directory: PathBuf,
    /// The configuration file, for messages.
    #[serde(skip)]
    pub(crate) file: PathBuf,
}

/// A file to generate.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OutputFile {
    pub(crate) file: PathBuf,
    #[serde(default)]
    pub(crate) kind: Kind,
    /// Packages to generate the file from. Defaults to the package of the configuration.
    #[serde(default, rename = "package")]
    packages: Packages,
    /// `true` if the module includes types for Socket.IO's server on Node.
    #[serde(default)]
    pub(crate) node: bool,
    /// `true` if the module includes hooks for React.
    #[serde(default)]
    pub(crate) react: bool,
    /// `true` if the module includes runtime validators.
    #[serde(default)]
    pub(crate) zod: bool,
    /// Title of the application, in a document about it.
    pub(crate) title: Option<String>,
    /// Version of the application, in an AsyncAPI document.
    pub(crate) app_version: Option<String>,
    /// URL of the server, in a document about the application.
    pub(crate) server: Option<String>,
}

/// One package, or several that are merged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(untagged)]
enum Packages {
    #[default]
    Here,
    One(String),
    Several(Vec<String>),
}

impl Packages {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Here => Vec::new(),
            Self::One(name) => vec![name.clone()],
            Self::Several(names) => names.clone(),
        }
    }
}

/// Kind of a generated file.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    TypeScript,
    Schema,
    AsyncApi,
    Docs,
}

impl Config {
    /// Reads the given configuration, or the nearest one.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self, Error> {
        if let Some(path) = named {
            let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
            return Self::read(path, &text);
        }
        let here = std::env::current_dir();
        let here = here.map_err(|error| Error::io("locate", "the current directory", &error))?;
        for directory in here.ancestors() {
            let own = directory.join(NAME);
            if let Ok(text) = fs::read_to_string(&own) {
                return Self::read(&own, &text);
            }
            if let Some(found) = Self::of_manifest(&directory.join("Cargo.toml"))? {
                return Ok(found);
            }
        }
        Err(Error::config(format!(
            "no `{NAME}` found in the current directory or its parents"
        ))
        .help(
            "create one with `[[output]]` and `file = \"…\"` for each file, or add \
             `[[package.metadata.sio-types.output]]` to a Cargo.toml",
        ))
    }

    fn read(path: &Path, text: &str) -> Result<Self, Error> {
        let config: Self = toml::from_str(text).map_err(|error| invalid(path, &error))?;
        config.at(path)
    }

    fn of_manifest(path: &Path) -> Result<Option<Self>, Error> {
        let Ok(text) = fs::read_to_string(path) else {
            return Ok(None);
        };
        // Cargo reports errors in a manifest better than this program could.
        let Ok(manifest) = text.parse::<toml::Table>() else {
            return Ok(None);
        };
        let sections = ["package", "workspace"];
        let mut found = sections.iter().filter_map(|section| {
            let metadata = manifest.get(*section)?.get("metadata")?;
            metadata.get("sio-types").cloned()
        });
        let Some(said) = found.next() else {
            return Ok(None);
        };
        let config: Self = said.try_into().map_err(|error| invalid(path, &error))?;
        config.at(path).map(Some)
    }

    fn at(mut self, path: &Path) -> Result<Self, Error> {
        if self.outputs.is_empty() {
            return Err(Error::config("no output files are configured")
                .at(path.display())
                .help("add `[[output]]` with `file = \"…\"` for each file"));
        }
        self.directory = path.parent().unwrap_or(Path::new("")).to_owned();
        path.clone_into(&mut self.file);
        for index in 0..self.outputs.len() {
            let path = self.directory.join(&self.outputs[index].file);
            if self.outputs[..index].iter().any(|other| other.file == path) {
                let what = format!("the output file `{}` is configured twice", path.display());
                return Err(Error::config(what)
                    .at(self.file.display())
                    .help("remove one of its `[[output]]` sections"));
            }
            self.outputs[index].file = path;
        }
        Ok(self)
    }

    /// Returns each output with the packages that it is generated from.
    pub(crate) fn outputs_of(&self, said: &Source) -> impl Iterator<Item = (&OutputFile, Source)> {
        self.outputs.iter().map(|output| {
            let mut source = self.source(said);
            let own = output.packages.names();
            if !own.is_empty() {
                source.packages = own;
            }
            (output, source)
        })
    }

    /// Returns the crate of the configuration, with the options of the command line taking precedence.
    pub(crate) fn source(&self, said: &Source) -> Source {
        let manifest = self.directory.join("Cargo.toml");
        let mut source = said.clone();
        if source.packages.is_empty() {
            source.packages = self.packages.names();
        }
        source.bin = source.bin.or_else(|| self.bin.clone());
        source.manifest_path = source
            .manifest_path
            .or(manifest.exists().then_some(manifest));
        source.features.extend(self.features.iter().cloned());
        source.all_features |= self.all_features;
        source.no_default_features |= self.no_default_features;
        source
    }
}

fn invalid(path: &Path, error: &toml::de::Error) -> Error {
    Error::config(error.to_string().trim_end().to_owned()).at(path.display())
}
