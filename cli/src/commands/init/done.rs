//! Summary of what the command did.

use std::path::Path;

/// Descriptions of the files that were written.
#[derive(Default)]
pub(super) struct Done(Vec<String>);

impl Done {
    pub(super) fn add(&mut self, what: &str, file: &Path) {
        self.0.push(format!("{what} {}", file.display()));
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.0
    }
}
