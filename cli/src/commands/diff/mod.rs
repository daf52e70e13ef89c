//! The command `diff`.

mod revision;

use std::path::PathBuf;

use crate::build::{self, Source};
use crate::diff::{Change, Format, Ignored, Level, compare_within_limits, print};
use crate::error::{self, Error};
use crate::{document, terminal};
use revision::schema_at;

/// Options of `diff`.
#[derive(Debug)]
pub(crate) struct Options {
    /// The schema document as it was.
    pub(crate) old: Option<PathBuf>,
    /// The schema document as it is; the crate's, unless named.
    pub(crate) new: Option<PathBuf>,
    /// The revision of the git repository to compare with.
    pub(crate) against: Option<String>,
    /// The schema document that is in the repository, in place of the crate.
    pub(crate) schema: Option<PathBuf>,
    /// The format of the report.
    pub(crate) format: Option<Format>,
    /// The file of changes that may pass.
    pub(crate) ignore: Option<PathBuf>,
    pub(crate) fail_on: FailOn,
    pub(crate) source: Source,
}

/// The changes that make the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailOn {
    Breaking,
    Risky,
    Never,
}

/// Reports the changes of a schema.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let Options {
        old, new, schema, ..
    } = options;
    // The file is read first: a mistake in it is not to be found after a long build.
    let ignored = Ignored::read(options.ignore.as_deref())?;
    let before = match (old, &options.against) {
        (Some(path), _) => document::read(path)?,
        (None, Some(revision)) => schema_at(revision, &options.source, schema.as_deref())?,
        (None, None) => {
            return Err(Error::usage("there is nothing to compare with")
                .help("name a schema document, or a revision with `--against`"));
        }
    };
    let after = match new.as_ref().or(schema.as_ref()) {
        Some(path) => document::read(path)?,
        None => build::schema_of_crate(&options.source)?,
    };
    let (changes, idle) = ignored.apply(compare_within_limits(&before, &after)?);
    for warning in idle {
        error::warn(&warning);
    }
    let format = match options.format {
        Some(format) => format,
        None if terminal::options().json => Format::Json,
        None => Format::Text,
    };
    anstream::print!("{}", print(&changes, format));
    let worst = changes.first().map(Change::level);
    let fails = match options.fail_on {
        FailOn::Breaking => worst == Some(Level::Breaking),
        FailOn::Risky => worst > Some(Level::Safe),
        FailOn::Never => false,
    };
    if !fails {
        return Ok(());
    }
    Err(
        Error::breaking("the events have changed in a way that breaks others").help(
            "mend what is said above, or let it pass with a reason in `.sio-types-ignore.toml`",
        ),
    )
}
