//! Checks how a front end uses the events: undeclared events, events in the wrong direction, and unused events.

mod compare;
mod events;
mod files;
mod finding;
mod sockets;
mod uses;

use sio_types_schema::Schema;

use compare::compare;
use events::Events;
pub(crate) use files::{Source, read};
pub(crate) use finding::Finding;
use sockets::Exports;

/// Result of a scan.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    /// Number of places that use an event.
    pub(crate) uses: usize,
}

/// Compares the uses in the files with the events of a schema.
pub(crate) fn scan(sources: &[Source], schema: &Schema) -> Report {
    let events = Events::new(schema);
    let mut exports = Exports::default();
    for source in sources {
        exports.read(source, &events);
    }
    let mut findings = Vec::new();
    let mut uses = Vec::new();
    for source in sources {
        let (of_file, unread) = uses::of(source, &exports, &events);
        uses.extend(of_file);
        findings.extend(unread);
    }
    findings.extend(compare(&events, &uses));
    Report {
        findings,
        uses: uses.len(),
    }
}
