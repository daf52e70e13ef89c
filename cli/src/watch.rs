//! Regenerates output whenever the crate changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, new_debouncer};

use crate::error::Error;
use crate::output::{self, Written};
use crate::terminal;

/// Time without changes before output is regenerated. An editor may write several files in a row.
const QUIET: Duration = Duration::from_millis(200);

/// Paths to watch for changes.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Directories, watched recursively.
    pub(crate) sources: BTreeSet<PathBuf>,
    /// Single files.
    pub(crate) files: BTreeSet<PathBuf>,
}

impl Places {
    fn contain(&self, path: &Path) -> bool {
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let is_within = |directory: &PathBuf| path.starts_with(directory);
        self.files.contains(path) || (is_source && self.sources.iter().any(is_within))
    }
}

/// Generates output now and after every change, until the program ends. Errors are reported, and the next change is
/// tried.
pub(crate) fn run(
    places: impl Fn() -> Result<Places, Error>,
    generate: impl Fn() -> Result<Vec<(PathBuf, Written)>, Error>,
) -> Result<(), Error> {
    let (sender, changes) = mpsc::channel();
    let mut debouncer = new_debouncer(QUIET, None, move |result: DebounceEventResult| {
        // The receiver is only gone when the program ends.
        let _ = sender.send(result);
    })
    .map_err(|error| failed(&error))?;
    let watched = places()?;
    for directory in &watched.sources {
        let watching = debouncer.watch(directory, RecursiveMode::Recursive);
        watching.map_err(|error| failed(&error).at(directory.display()))?;
    }
    // An editor may replace a file by a new one, so the parent directory is watched.
    let parents: BTreeSet<_> = watched
        .files
        .iter()
        .filter_map(|file| file.parent())
        .collect();
    for directory in parents {
        let watching = debouncer.watch(directory, RecursiveMode::NonRecursive);
        watching.map_err(|error| failed(&error).at(directory.display()))?;
    }
    report(generate());
    while let Ok(result) = changes.recv() {
        let is_change = match result {
            Ok(events) => events.iter().any(|event| {
                !matches!(event.kind, EventKind::Access(_))
                    && event.paths.iter().any(|path| watched.contain(path))
            }),
            Err(errors) => {
                for error in errors {
                    failed(&error).report();
                }
                true
            }
        };
        if is_change {
            report(generate());
        }
    }
    Ok(())
}

fn failed(error: &notify_debouncer_full::notify::Error) -> Error {
    Error::usage(format!("cannot watch for changes: {error}"))
}

fn report(generated: Result<Vec<(PathBuf, Written)>, Error>) {
    match generated {
        Err(error) => error.report(),
        Ok(files) => {
            for (file, written) in files {
                output::report(&file, written);
            }
        }
    }
    terminal::note("waiting for changes; press Ctrl-C to stop");
}
