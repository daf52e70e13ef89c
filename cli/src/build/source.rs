//! Which crate has the events.

use std::path::PathBuf;

/// The crate that has the events, and how cargo builds it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// The packages that have the events; several make one document.
    pub(crate) packages: Vec<String>,
    /// The path of the `Cargo.toml`.
    pub(crate) manifest_path: Option<PathBuf>,
    /// The binary that has the events, where it is not the library.
    pub(crate) bin: Option<String>,
    /// Features to turn on, by comma or space.
    pub(crate) features: Vec<String>,
    /// `true` if every feature is turned on.
    pub(crate) all_features: bool,
    /// `true` if the default features are left off.
    pub(crate) no_default_features: bool,
    /// The platform to build for, whose programs run here.
    pub(crate) target: Option<String>,
    /// `true` if cargo builds without the network.
    pub(crate) offline: bool,
    /// `true` if cargo builds with the `Cargo.lock` as it is.
    pub(crate) locked: bool,
}
