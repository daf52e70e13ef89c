//! Reads the schema at a git revision.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sio_types_schema::Schema;

use crate::build::{self, Source};
use crate::document;
use crate::error::Error;

/// Fix for a revision that git does not know.
const REVISION: &str =
    "run the command in a git repository, and pass one of its revisions, such as `main`";

/// Returns the schema of the crate at a revision of its git repository, or of a schema document in the repository.
///
/// The revision is checked out into a temporary directory of its own, which is removed afterwards.
pub(crate) fn schema_at(
    revision: &str,
    source: &Source,
    document: Option<&Path>,
) -> Result<Schema, Error> {
    if revision.starts_with('-') {
        return Err(Error::git(format!("invalid git revision `{revision}`")).help(REVISION));
    }
    match document {
        Some(path) => document_at(revision, path),
        None => crate_at(revision, source),
    }
}

fn document_at(revision: &str, path: &Path) -> Result<Schema, Error> {
    let place = format!("{revision}:./{}", path.display());
    let output = git(Path::new("."), &["show", &place])?;
    document::parse(&output.stdout).map_err(|error| error.at(place))
}

fn crate_at(revision: &str, source: &Source) -> Result<Schema, Error> {
    let manifest = source.manifest_path.clone();
    let here = match manifest.as_deref().and_then(Path::parent) {
        Some(directory) if !directory.as_os_str().is_empty() => directory.to_owned(),
        _ => PathBuf::from("."),
    };
    let top = git(&here, &["rev-parse", "--show-toplevel"])?;
    let top = PathBuf::from(String::from_utf8_lossy(&top.stdout).trim());
    let here = here.canonicalize();
    let here = here.map_err(|error| Error::io("locate", &top, &error))?;
    let within = here.strip_prefix(&top).unwrap_or(Path::new("")).to_owned();

    let checkout = Checkout::new(&top, revision)?;
    let name = manifest.as_deref().and_then(Path::file_name);
    let name = name.unwrap_or("Cargo.toml".as_ref());
    let old = Source {
        manifest_path: Some(checkout.path().join(within).join(name)),
        ..source.clone()
    };
    build::schema_of_crate(&old).map_err(|error| error.within(format!("at `{revision}`")))
}

/// A git work tree that is removed on drop.
struct Checkout {
    repository: PathBuf,
    directory: tempfile::TempDir,
}

impl Checkout {
    fn new(repository: &Path, revision: &str) -> Result<Self, Error> {
        let directory = tempfile::Builder::new().prefix("sio-types-").tempdir();
        let directory =
            directory.map_err(|error| Error::io("create", "a temporary directory", &error))?;
        let checkout = Self {
            repository: repository.to_owned(),
            directory,
        };
        checkout.remove_when_interrupted()?;
        let path = checkout.path();
        let path = path.to_string_lossy();
        git(
            repository,
            &["worktree", "add", "--detach", "--quiet", &path, revision],
        )?;
        Ok(checkout)
    }

    /// Removes the work tree on Ctrl-C, which would end the program without dropping anything.
    fn remove_when_interrupted(&self) -> Result<(), Error> {
        let (repository, path) = (self.repository.clone(), self.path());
        let directory = self.directory.path().to_owned();
        let remove = move || {
            remove(&repository, &path);
            // An error is ignored: the operating system clears its temporary directories, too.
            let _ = std::fs::remove_dir_all(&directory);
            std::process::exit(130);
        };
        ctrlc::set_handler(remove).map_err(|error| {
            Error::usage(format!("cannot install the handler for Ctrl-C: {error}"))
        })
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("revision")
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        remove(&self.repository, &self.path());
    }
}

fn remove(repository: &Path, path: &Path) {
    let path = path.to_string_lossy();
    // An error is ignored: it leaves a temporary directory, and an entry that git prunes.
    let _ = git(repository, &["worktree", "remove", "--force", &path]);
}

fn git(directory: &Path, arguments: &[&str]) -> Result<Output, Error> {
    let mut command = Command::new("git");
    let output = command.current_dir(directory).args(arguments).output();
    let output = output.map_err(|error| {
        Error::git(format!("cannot run git: {error}"))
            .help("install git, or pass two schema documents")
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().trim_start_matches("fatal: ");
    Err(Error::git(format!("git failed: {said}")).help(REVISION))
}
