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
    /// The old schema document.
    pub(crate) old: Option<PathBuf>,
    /// The new schema document. Defaults to the schema of the crate.
    pub(crate) new: Option<PathBuf>,
    /// Revision of the git repository to compare with.
    pub(crate) against: Option<String>,
    /// Schema document in the repository, used in place of the crate.
    pub(crate) schema: Option<PathBuf>,
    /// Format of the report.
    pub(crate) format: Option<Format>,
    /// File of accepted changes.
    pub(crate) ignore: Option<PathBuf>,
    pub(crate) fail_on: FailOn,
    pub(crate) source: Source,
}

/// Lowest level of changes that make the command fail.
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
    // The ignore file is read first, so that a mistake in it is reported before a long build.
    let ignored = Ignored::read(options.ignore.as_deref())?;
    let before = match (old, &options.against) {
        (Some(path), _) => document::read(path)?,
        (None, Some(revision)) => schema_at(revision, &options.source, schema.as_deref())?,
        (None, None) => {
            return Err(Error::usage("no schema to compare with")
                .help("pass a schema document, or a git revision with `--against`"));
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
    match worst {
        Some(level) if fails => Err(Error::breaking(format!("the events have {level} changes"))
            .help(
                "fix the changes above, or accept them with a reason in `.sio-types-ignore.toml`",
            )),
        _ => Ok(()),
    }
}
