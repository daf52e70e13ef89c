//! What a front end does with the events: those that it uses and nobody declares, those that go the wrong way, and those
//! that nobody uses.

mod compare;
mod files;
mod sockets;
mod uses;

use std::path::PathBuf;

use crate::cli::Scan;
use crate::error::Error;
use crate::terminal::{self, Level};
use compare::Events;
use sockets::Exports;

/// Something that is not as it should be.
#[derive(Debug, PartialEq)]
struct Finding {
    level: Level,
    code: &'static str,
    what: String,
    place: String,
    help: Option<String>,
}

/// A file, read once for what it exports, and then for what it does.
struct Source {
    path: PathBuf,
    text: String,
}

pub(crate) fn run(arguments: &Scan) -> Result<(), Error> {
    let sources = files::read(&arguments.paths)?;
    let schema = arguments.input.schema()?;
    let events = Events::new(&schema);
    let mut exports = Exports::default();
    for source in &sources {
        exports.read(source, &events);
    }
    let mut findings = Vec::new();
    let mut uses = Vec::new();
    for source in &sources {
        let (of_file, unread) = uses::of(source, &exports, &events);
        uses.extend(of_file);
        findings.extend(unread);
    }
    findings.extend(events.compare(&uses));
    let is_denied = |finding: &Finding| finding.level == Level::Error || arguments.deny_unused;
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
        count(uses.len(), "use"),
        count(sources.len(), "file")
    ));
    match failed {
        0 => Ok(()),
        failed => Err(Error::undeclared(format!(
            "the front end and the server do not have the same events: {}",
            count(failed, "mistake")
        ))),
    }
}
