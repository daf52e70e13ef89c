//! Links between the guides in `docs` and the crate's documentation, in both forms of the guides.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};

use crate::run::root;

/// Address of the crate's documentation, to which the guides link.
const PUBLISHED: &str = "https://docs.rs/sio-types/latest/";

/// Checks the links in a directory that `cargo doc` has written.
pub(crate) fn check(documentation: &Path) -> Result<()> {
    let mut broken = Vec::new();
    let mut count = 0;
    for page in files(&root().join("docs"), "md")? {
        for target in targets(&fs::read_to_string(&page)?, PUBLISHED) {
            count += 1;
            if !exists(documentation, target)? {
                broken.push(format!("{}: {PUBLISHED}{target}", page.display()));
            }
        }
    }
    ensure!(count > 0, "no guide links to {PUBLISHED}");
    let guides = documentation.join("sio_types/guide");
    for entry in fs::read_dir(&guides)? {
        let page = entry?.path().join("index.html");
        if !page.exists() {
            continue;
        }
        let html = fs::read_to_string(&page)?;
        // Such a link leads to a page of the repository that rustdoc does not have: `guide_links.md` lacks its label.
        let local = targets(&html, "href=\"").filter(|target| !target.contains("://"));
        let wrong = local.filter(|target| {
            target
                .split('#')
                .next()
                .is_some_and(|path| path.ends_with(".md"))
        });
        broken.extend(wrong.map(|target| format!("{}: {target}", page.display())));
    }
    ensure!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
    Ok(())
}

/// Returns what follows each occurrence of `start`, up to the end of the address.
fn targets<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "\"<>)]".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// Returns `true` if the documentation has a page with this path and, if the path names one, this anchor.
fn exists(documentation: &Path, target: &str) -> Result<bool> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let mut page = documentation.join(path);
    if path.is_empty() || path.ends_with('/') {
        page.push("index.html");
    }
    if !page.exists() {
        return Ok(false);
    }
    let html = fs::read_to_string(page)?;
    Ok(anchor.is_empty() || html.contains(&format!("id=\"{anchor}\"")))
}

fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    Ok(found)
}
