//! Record of how the wrapper compiled the crate, which the parent process needs to link with it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Everything that is needed to link with the crate. It is stored next to the compiled crate and stays valid for as
/// long as cargo considers the crate fresh.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recipe {
    /// Path of this file.
    #[serde(skip)]
    pub(super) path: PathBuf,
    pub(super) rustc: PathBuf,
    /// Toolchain that rustup selected for cargo.
    pub(super) toolchain: Option<String>,
    pub(super) directory: PathBuf,
    /// Compiled crate.
    pub(super) library: PathBuf,
    /// The sio-types crate that the crate was compiled against.
    pub(super) sio_types: Option<PathBuf>,
    /// Arguments that any crate linked with it must be compiled with.
    pub(super) arguments: Vec<String>,
}

impl Recipe {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let json = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
        let recipe: Self = serde_json::from_slice(&json).map_err(|error| {
            Error::build(format!("cannot parse the record of the last build: {error}"))
                .at(path.display())
                .help("delete the directory `sio-types` in the target directory, and run the command again")
        })?;
        Ok(Self {
            path: path.to_owned(),
            ..recipe
        })
    }

    pub(super) fn write(&self) -> Result<(), Error> {
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| Error::build(format!("a path is not valid UTF-8: {error}")))?;
        // The file is written even if it is unchanged: its modification time decides whether to link again.
        crate::output::replace(&self.path, &json)
    }
}
