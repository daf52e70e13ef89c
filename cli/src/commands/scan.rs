//! The command `scan`.

use std::path::PathBuf;

use crate::error::Error;
use crate::input::Input;
use crate::scan::{self, Finding, Report};
use crate::terminal::{self, Level};

/// Options of `scan`.
#[derive(Debug)]
pub(crate) struct Options {
    /// Files and directories of the front end.
    pub(crate) paths: Vec<PathBuf>,
    /// `true` if an unused event makes the command fail.
    pub(crate) deny_unused: bool,
    pub(crate) input: Input,
}

/// Compares the events that a front end uses with the declared ones.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let sources = scan::read(&options.paths)?;
    let schema = options.input.schema()?;
    let Report { findings, uses } = scan::scan(&sources, &schema);
    let is_denied = |finding: &Finding| finding.level == Level::Error || options.deny_unused;
    let failed = findings.iter().filter(|it| is_denied(it)).count();
    for finding in &findings {
        let Finding {
            level,
            code,
            what,
            place,
            help,
        } = finding;
        terminal::message(*level, Some(code), what, Some(place), help.as_deref());
    }
    let count = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    terminal::note(&format!(
        "{} of events in {}",
        count(uses, "use"),
        count(sources.len(), "file")
    ));
    match failed {
        0 => Ok(()),
        failed => Err(Error::undeclared(format!(
            "the front end does not use the events as they are declared: {}",
            count(failed, "problem")
        ))),
    }
}
