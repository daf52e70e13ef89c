//! What is said to the person or the program that runs the command, all of it on standard error: standard output is for
//! what was asked for.

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::output::Written;

/// How to speak.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manners {
    /// Errors only.
    pub(crate) quiet: bool,
    /// One JSON object a line.
    pub(crate) json: bool,
}

/// Set once, before anything is said: they concern every part of the program.
static MANNERS: OnceLock<Manners> = OnceLock::new();

/// The manners of this run.
pub(crate) fn manners() -> Manners {
    MANNERS.get().copied().unwrap_or_default()
}

/// Chooses the manners, for as long as the program runs.
pub(crate) fn behave(manners: Manners) {
    // Only `main` calls it, and once.
    let _ = MANNERS.set(manners);
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Level {
    Error,
    Warning,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
        }
    }
}

/// Says what is wrong, where, and how to mend it.
pub(crate) fn message(
    level: Level,
    code: Option<&str>,
    what: &str,
    place: Option<&str>,
    help: Option<&str>,
) {
    const CYAN: &str = "\x1b[1;36m";
    const PLAIN: &str = "\x1b[0m";
    let Manners { quiet, json } = manners();
    if quiet && level != Level::Error {
        return;
    }
    let (word, colour) = (level.word(), level.colour());
    if json {
        let said =
            json!({ "level": word, "code": code, "message": what, "place": place, "help": help });
        return line(&without_nulls(said));
    }
    let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
    say(format_args!("{colour}{word}{code}{PLAIN}: {what}"));
    if let Some(place) = place {
        say(format_args!("  {CYAN}-->{PLAIN} {place}"));
    }
    if let Some(help) = help {
        say(format_args!("   {CYAN}={PLAIN} help: {help}"));
    }
}

/// Says what became of a file.
pub(crate) fn written(file: &Path, written: Written) {
    let Manners { quiet, json } = manners();
    // As seen from here: a configuration may have been found above.
    let here = std::env::current_dir().unwrap_or_default();
    let file = file.strip_prefix(here).unwrap_or(file).display();
    if json {
        let said = match written {
            Written::Unchanged => json!({ "outcome": "unchanged" }),
            Written::New => json!({ "outcome": "new" }),
            Written::Changed { added, removed } => {
                json!({ "outcome": "changed", "added": added, "removed": removed })
            }
        };
        let Value::Object(mut said) = said else {
            return;
        };
        said.insert("level".to_owned(), "info".into());
        said.insert("file".to_owned(), file.to_string().into());
        line(&said.into());
    } else if !quiet {
        say(format_args!("{file}: {written}"));
    }
}

/// Says something that need not be known.
pub(crate) fn note(what: &str) {
    let Manners { quiet, json } = manners();
    if json {
        line(&json!({ "level": "info", "message": what }));
    } else if !quiet {
        say(what);
    }
}

/// Passes on what cargo says.
pub(crate) fn of_cargo(text: &str) {
    if manners().json {
        line(&json!({ "level": "cargo", "message": text }));
    } else {
        say(text);
    }
}

fn line(said: &Value) {
    say(said);
}

/// Nobody may be listening any more, as when a pipe is closed; that ends nothing.
fn say(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn without_nulls(said: Value) -> Value {
    match said {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            fields.collect()
        }
        other => other,
    }
}
