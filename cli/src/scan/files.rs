//! Finds the source files of a front end.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::error::Error;
use crate::typescript::MARK;

const EXTENSIONS: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// A source file. It is read once for its exports, and once for its uses of events.
pub(crate) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// Reads the sources in the directories, except files that git ignores, third-party code, and generated files.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for path in paths {
        fs::metadata(path).map_err(|error| {
            Error::io("read", path, &error)
                .help("pass an existing file or directory of the front end")
        })?;
        let is_foreign = |entry: &ignore::DirEntry| entry.file_name() == "node_modules";
        let walk = WalkBuilder::new(path)
            .filter_entry(move |entry| !is_foreign(entry))
            .sort_by_file_path(Path::cmp)
            .require_git(false)
            .build();
        for entry in walk {
            let entry = entry.map_err(|error| Error::usage(error.to_string()))?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) && is_source(entry.path()) {
                sources.extend(source(entry.into_path())?);
            }
        }
    }
    Ok(sources)
}

fn is_source(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}

fn source(path: PathBuf) -> Result<Option<Source>, Error> {
    let bytes = fs::read(&path).map_err(|error| Error::io("read", &path, &error))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((!text.starts_with(MARK)).then_some(Source { path, text }))
}
