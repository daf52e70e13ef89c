use std::fmt;
use std::process::ExitCode;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    place: Option<String>,
    help: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Differs,
    Usage,
    Build,
}

impl Error {
    /// A file is not what it should be.
    pub(crate) fn differs(what: impl Into<String>) -> Self {
        Self::new(Kind::Differs, what)
    }

    /// The command, its files or its surroundings are not right.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// The crate cannot be built, or says nothing about its events.
    pub(crate) fn build(what: impl Into<String>) -> Self {
        Self::new(Kind::Build, what)
    }

    /// A file or directory cannot be used.
    pub(crate) fn io(
        doing: &str,
        path: impl AsRef<std::path::Path>,
        error: &std::io::Error,
    ) -> Self {
        Self::usage(format!("cannot {doing}: {error}")).at(path.as_ref().display())
    }

    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            place: None,
            help: None,
        }
    }

    /// Says in what, from the inside out.
    pub(crate) fn within(self, outer: impl fmt::Display) -> Self {
        let place = match &self.place {
            Some(inner) => format!("{outer}, {inner}"),
            None => outer.to_string(),
        };
        self.at(place)
    }

    /// Says where.
    pub(crate) fn at(self, place: impl fmt::Display) -> Self {
        Self {
            place: Some(place.to_string()),
            ..self
        }
    }

    /// Says how to mend it.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// 1 if a file differs, 2 for a wrong use, 3 for a failed build.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Differs => 1,
            Kind::Usage => 2,
            Kind::Build => 3,
        })
    }

    /// Prints the error to stderr, in colour where that is a terminal.
    pub fn report(&self) {
        const RED: &str = "\x1b[1;31m";
        const CYAN: &str = "\x1b[1;36m";
        const PLAIN: &str = "\x1b[0m";
        anstream::eprintln!("{RED}error{PLAIN}: {}", self.what);
        if let Some(place) = &self.place {
            anstream::eprintln!("  {CYAN}-->{PLAIN} {place}");
        }
        if let Some(help) = &self.help {
            anstream::eprintln!("   {CYAN}={PLAIN} help: {help}");
        }
    }
}

/// Prints a warning to stderr, in colour where that is a terminal.
pub(crate) fn warn(what: &str) {
    const YELLOW: &str = "\x1b[1;33m";
    const PLAIN: &str = "\x1b[0m";
    anstream::eprintln!("{YELLOW}warning{PLAIN}: {what}");
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
