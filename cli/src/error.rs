use std::fmt;
use std::process::ExitCode;

use crate::terminal;

/// Error of a command.
#[derive(Debug)]
pub struct Error {
    code: Code,
    what: String,
    place: Option<String>,
    help: Option<String>,
}

/// Kind of an error: the word between brackets, described in `docs/errors.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Stale,
    Undeclared,
    Breaking,
    Usage,
    File,
    Config,
    Package,
    Git,
    Schema,
    Type,
    Build,
    NoEvents,
}

impl Code {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Undeclared => "undeclared",
            Self::Breaking => "breaking",
            Self::Usage => "usage",
            Self::File => "file",
            Self::Config => "config",
            Self::Package => "package",
            Self::Git => "git",
            Self::Schema => "schema",
            Self::Type => "type",
            Self::Build => "build",
            Self::NoEvents => "no-events",
        }
    }

    /// Returns the exit code: 1 if something differs, 2 for wrong usage, 3 for a failed build.
    fn exit_code(self) -> u8 {
        match self {
            Self::Stale | Self::Undeclared | Self::Breaking => 1,
            Self::Build | Self::NoEvents => 3,
            _ => 2,
        }
    }
}

impl Error {
    /// A file differs from its expected contents.
    pub(crate) fn differs(what: impl Into<String>) -> Self {
        Self::new(Code::Stale, what)
    }

    /// The front end and the server do not have the same events.
    pub(crate) fn undeclared(what: impl Into<String>) -> Self {
        Self::new(Code::Undeclared, what)
    }

    /// A change breaks existing clients or servers.
    pub(crate) fn breaking(what: impl Into<String>) -> Self {
        Self::new(Code::Breaking, what)
    }

    /// The command line is invalid.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Code::Usage, what)
    }

    /// A configuration is invalid.
    pub(crate) fn config(what: impl Into<String>) -> Self {
        Self::new(Code::Config, what)
    }

    /// The package does not exist, or its manifest is invalid.
    pub(crate) fn package(what: impl Into<String>) -> Self {
        Self::new(Code::Package, what)
    }

    /// A git command fails.
    pub(crate) fn git(what: impl Into<String>) -> Self {
        Self::new(Code::Git, what)
    }

    /// The schema document cannot be read.
    pub(crate) fn schema(what: impl Into<String>) -> Self {
        Self::new(Code::Schema, what)
    }

    /// A type or its name cannot be expressed in the other language.
    pub(crate) fn types(what: impl Into<String>) -> Self {
        Self::new(Code::Type, what)
    }

    /// The crate cannot be built.
    pub(crate) fn build(what: impl Into<String>) -> Self {
        Self::new(Code::Build, what)
    }

    /// The crate has no events.
    pub(crate) fn no_events(what: impl Into<String>) -> Self {
        Self::new(Code::NoEvents, what)
    }

    /// A file or directory cannot be read or written.
    pub(crate) fn io(
        doing: &str,
        path: impl AsRef<std::path::Path>,
        error: &std::io::Error,
    ) -> Self {
        Self::new(Code::File, format!("cannot {doing}: {error}")).at(path.as_ref().display())
    }

    fn new(code: Code, what: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            place: None,
            help: None,
        }
    }

    /// Adds an enclosing place. Call it from the innermost place to the outermost.
    pub(crate) fn within(self, outer: impl fmt::Display) -> Self {
        let place = match &self.place {
            Some(inner) => format!("{outer}, {inner}"),
            None => outer.to_string(),
        };
        self.at(place)
    }

    /// Sets the place of the error.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Self {
            place: Some(place.to_string()),
            ..self
        }
    }

    /// Sets the description of the fix.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Returns the exit code: 1 if a file or the events differ, 2 for wrong usage, 3 for a failed build.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code.exit_code())
    }

    /// Prints the error to stderr: in colour if that is a terminal, as JSON if that is requested.
    pub fn report(&self) {
        let help = self.help.as_deref();
        terminal::message(
            terminal::Level::Error,
            Some(self.code.word()),
            &self.what,
            self.place.as_deref(),
            help,
        );
    }
}

/// Prints a warning.
pub(crate) fn warn(what: &str) {
    terminal::message(terminal::Level::Warning, None, what, None, None);
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n   = help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
