//! What a scan reports.

use crate::terminal::Level;

/// A mistake, or something that cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    pub(crate) code: &'static str,
    pub(crate) what: String,
    pub(crate) place: String,
    pub(crate) help: Option<String>,
}
