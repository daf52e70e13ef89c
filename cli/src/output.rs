//! Generated files. A file is replaced as a whole, or compared with the existing one.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use similar::{ChangeTag, TextDiff};

use crate::error::Error;
use crate::terminal;

/// Destination of a text.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// File to write; `-` is standard output.
    pub(crate) file: PathBuf,
    /// `true` if the text is compared with the file instead of written.
    pub(crate) check: bool,
}

impl Destination {
    /// Returns `true` if the text goes to standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.file.as_os_str() == "-"
    }
}

/// Writes the text, or compares it with the existing file.
pub(crate) fn deliver(output: &Destination, text: &str) -> Result<(), Error> {
    match (output.is_stdout(), output.check) {
        (true, true) => {
            Err(Error::usage("`--check` requires an output file")
                .help("pass one with `--output FILE`"))
        }
        (true, false) => print(text.as_bytes()),
        (false, true) => {
            let fix = "run the same command without `--check`";
            check(&output.file, text, fix)
        }
        (false, false) => {
            report(&output.file, write(&output.file, text)?);
            Ok(())
        }
    }
}

/// Writes to standard output.
pub(crate) fn print(text: &[u8]) -> Result<(), Error> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text).and_then(|()| stdout.flush());
    match written {
        // The reader may close the pipe early, as `head` does.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("write", "standard output", &error))
        }
        _ => Ok(()),
    }
}

/// Fails if a file differs from the text, and shows the differences. `fix` describes how to update the file.
pub(crate) fn check(path: &Path, text: &str, fix: &str) -> Result<(), Error> {
    let found = match fs::read_to_string(path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::differs("the file is missing")
                .at(path.display())
                .help(fix));
        }
        Err(error) => return Err(Error::io("read", path, &error)),
    };
    if found == text {
        return Ok(());
    }
    let diff = TextDiff::from_lines(&*found, text);
    let name = path.display().to_string();
    anstream::print!("{}", diff.unified_diff().header(&name, "generated"));
    Err(Error::differs("the file is out of date")
        .at(path.display())
        .help(fix))
}

/// Outcome of writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// The file has the right contents already.
    Unchanged,
    /// The file did not exist.
    New,
    /// Numbers of added and removed lines.
    Changed { added: usize, removed: usize },
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => f.write_str("unchanged"),
            Self::New => f.write_str("written"),
            Self::Changed { added, removed } => {
                let lines = if *added == 1 { "line" } else { "lines" };
                write!(f, "{added} {lines} added, {removed} removed")
            }
        }
    }
}

/// Prints the outcome of writing a file.
pub(crate) fn report(file: &Path, written: Written) {
    // The path is shown relative to the current directory; the configuration may be in a parent directory.
    let here = std::env::current_dir().unwrap_or_default();
    let file = file.strip_prefix(here).unwrap_or(file).display();
    let mut record = match written {
        Written::Unchanged => json!({ "outcome": "unchanged" }),
        Written::New => json!({ "outcome": "new" }),
        Written::Changed { added, removed } => {
            json!({ "outcome": "changed", "added": added, "removed": removed })
        }
    };
    record["level"] = json!("info");
    record["file"] = json!(file.to_string());
    terminal::record(&record, format_args!("{file}: {written}"));
}

/// Writes a file. A file that has the right contents is not touched, so that watchers are not triggered.
pub(crate) fn write(path: &Path, text: &str) -> Result<Written, Error> {
    let found = fs::read(path).ok();
    let Some(found) = found else {
        replace(path, text)?;
        return Ok(Written::New);
    };
    if found == text.as_bytes() {
        return Ok(Written::Unchanged);
    }
    replace(path, text)?;
    let found = String::from_utf8_lossy(&found);
    let diff = TextDiff::from_lines(&*found, text);
    let count = |tag| {
        diff.iter_all_changes()
            .filter(|change| change.tag() == tag)
            .count()
    };
    Ok(Written::Changed {
        added: count(ChangeTag::Insert),
        removed: count(ChangeTag::Delete),
    })
}

/// Replaces a file in one step, even if the text is the same.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let target = resolved(path);
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(directory)
        .map_err(|error| Error::io("create the directory", directory, &error))?;
    let failed = |error: std::io::Error| Error::io("write", path, &error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sio-types-");
    let permissions = permissions(&target);
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(directory).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Resolves symbolic links, so that the link stays and its target is replaced.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Returns the permissions of the file, or those of a new file. A temporary file would be private otherwise.
#[cfg(unix)]
fn permissions(path: &Path) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::metadata(path).map(|metadata| metadata.permissions());
    Some(found.unwrap_or_else(|_| Permissions::from_mode(0o666)))
}

#[cfg(not(unix))]
fn permissions(_: &Path) -> Option<Permissions> {
    None
}
