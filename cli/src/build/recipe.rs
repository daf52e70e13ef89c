//! How the wrapper compiled the crate, for the parent to link with.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Lies beside what the crate was compiled into, as long as cargo holds that for fresh.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recipe {
    /// Where this lies.
    #[serde(skip)]
    pub(super) path: PathBuf,
    pub(super) rustc: PathBuf,
    /// The toolchain that rustup chose for cargo.
    pub(super) toolchain: Option<String>,
    pub(super) directory: PathBuf,
    /// The crate itself.
    pub(super) library: PathBuf,
    /// The sio-types it was compiled against.
    pub(super) sio_types: Option<PathBuf>,
    /// What any crate linked with it must be compiled with.
    pub(super) arguments: Vec<String>,
}

impl Recipe {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let json = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
        let recipe: Self = serde_json::from_slice(&json).map_err(|error| {
            Error::build(format!("cannot read how the crate was compiled: {error}"))
                .at(path.display())
                .help("delete the directory `sio-types` in the target directory")
        })?;
        Ok(Self {
            path: path.to_owned(),
            ..recipe
        })
    }

    pub(super) fn write(&self) -> Result<(), Error> {
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| Error::build(format!("a path is not text: {error}")))?;
        // Even the same recipe is written again: its age tells whether to link again.
        crate::output::replace(&self.path, &json)
    }
}
