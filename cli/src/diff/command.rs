//! The command `diff`.

use super::{Change, Format, Ignored, Level, compare_within_limits, print, schema_at};
use crate::cli::{Diff, FailOn};
use crate::error::{self, Error};
use crate::{build, document, terminal};

pub(crate) fn run(arguments: &Diff) -> Result<(), Error> {
    let Diff {
        old, new, schema, ..
    } = arguments;
    // The file is read first: a mistake in it is not to be found after a long build.
    let ignored = Ignored::read(arguments.ignore.as_deref())?;
    let before = match (old, &arguments.against) {
        (Some(path), _) => document::read(path)?,
        (None, Some(revision)) => schema_at(revision, &arguments.source, schema.as_deref())?,
        (None, None) => {
            return Err(Error::usage("there is nothing to compare with")
                .help("name a schema document, or a revision with `--against`"));
        }
    };
    let after = match new.as_ref().or(schema.as_ref()) {
        Some(path) => document::read(path)?,
        None => build::schema_of_crate(&arguments.source)?,
    };
    let (changes, idle) = ignored.apply(compare_within_limits(&before, &after)?);
    for warning in idle {
        error::warn(&warning);
    }
    let format = match arguments.format {
        Some(format) => format,
        None if terminal::manners().json => Format::Json,
        None => Format::Text,
    };
    anstream::print!("{}", print(&changes, format));
    let worst = changes.first().map(Change::level);
    let fails = match arguments.fail_on {
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
