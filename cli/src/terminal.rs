//! Messages to the person or the program that runs the command.
//!
//! All messages go to standard error; standard output is for the requested output.

use std::fmt::Display;
use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::{Value, json};

/// Verbosity and format of messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OutputOptions {
    /// `true` if only errors are printed.
    pub(crate) quiet: bool,
    /// `true` if messages are JSON objects, one a line.
    pub(crate) json: bool,
}

/// Options of all messages. They are set once, before anything is printed.
static OPTIONS: OnceLock<OutputOptions> = OnceLock::new();

/// Returns the options of this run.
pub(crate) fn options() -> OutputOptions {
    OPTIONS.get().copied().unwrap_or_default()
}

/// Sets the options for the rest of the run.
pub(crate) fn init(options: OutputOptions) {
    // The value cannot be set yet: only `main` calls this function, and once.
    let _ = OPTIONS.set(options);
}

/// Severity of a message.
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

/// Prints an error or a warning, with its place and the fix.
pub(crate) fn message(
    level: Level,
    code: Option<&str>,
    what: &str,
    place: Option<&str>,
    help: Option<&str>,
) {
    const CYAN: &str = "\x1b[1;36m";
    const PLAIN: &str = "\x1b[0m";
    let OutputOptions { quiet, json } = options();
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

/// Prints an informational message: `text`, or `record` if messages are JSON.
pub(crate) fn record(record: &Value, text: impl Display) {
    let OutputOptions { quiet, json } = options();
    if json {
        line(record);
    } else if !quiet {
        say(text);
    }
}

/// Prints an informational message.
pub(crate) fn note(what: &str) {
    record(&json!({ "level": "info", "message": what }), what);
}

/// Prints a message from cargo.
pub(crate) fn cargo(text: &str) {
    if options().json {
        line(&json!({ "level": "cargo", "message": text }));
    } else {
        say(text);
    }
}

fn line(said: &Value) {
    say(said);
}

/// Prints a line. An error is ignored: the reader may have closed the pipe, which must not end the program.
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
