//! Selection of the crate that contains the events.

use std::path::PathBuf;

/// The crate that contains the events, and the options for building it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// Packages that contain the events. Several packages are merged into one document.
    pub(crate) packages: Vec<String>,
    /// Path of the `Cargo.toml`.
    pub(crate) manifest_path: Option<PathBuf>,
    /// Binary that contains the events, if it is not the library.
    pub(crate) bin: Option<String>,
    /// Features to enable, separated by commas or spaces.
    pub(crate) features: Vec<String>,
    /// `true` if all features are enabled.
    pub(crate) all_features: bool,
    /// `true` if the default features are disabled.
    pub(crate) no_default_features: bool,
    /// Platform to build for. Its programs must run on this machine.
    pub(crate) target: Option<String>,
    /// `true` if cargo builds without the network.
    pub(crate) offline: bool,
    /// `true` if cargo must not change the `Cargo.lock`.
    pub(crate) locked: bool,
}
