//! Findings of a scan.

use crate::terminal::Level;

/// An error, or code that the scan cannot interpret.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    pub(crate) code: &'static str,
    pub(crate) what: String,
    pub(crate) place: String,
    pub(crate) help: Option<String>,
}
