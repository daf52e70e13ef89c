//! Checks the links of all Markdown documents, without a network.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

#[test]
fn relative_links_lead_somewhere() {
    let mut broken = Vec::new();
    let documents = documents();
    assert!(documents.len() > 20, "{documents:?}");
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            if let Err(reason) = check(&document, &link.target) {
                broken.push(format!("{}: {}: {reason}", document.display(), link.target));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The guides are modules of the crate's documentation, too. There, the labels of links between pages are defined as
/// modules (`runtime/src/guide_links.md`), which an inline link would bypass.
#[test]
fn guides_link_each_other_by_reference() {
    let mut wrong = Vec::new();
    for document in guides() {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let page = link.target.split('#').next().unwrap_or_default();
            let is_inline = matches!(link.kind, LinkType::Inline);
            if is_inline && page.ends_with(".md") && !page.contains("://") {
                wrong.push(format!("{}: {}", document.display(), link.target));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "use a reference-style link for\n{}",
        wrong.join("\n")
    );
}

#[test]
fn labels_of_guides_are_modules_in_rustdoc() {
    let definitions = fs::read_to_string(root().join("runtime/src/guide_links.md")).unwrap();
    let mut missing = BTreeSet::new();
    for document in guides() {
        let text = fs::read_to_string(&document).unwrap();
        for line in text.lines() {
            let definition = line
                .strip_prefix('[')
                .and_then(|line| line.split_once("]: "));
            if let Some((label, target)) = definition
                && !target.contains("://")
                && !definitions.contains(&format!("[{label}]: "))
            {
                missing.insert(line.to_owned());
            }
        }
    }
    assert!(
        missing.is_empty(),
        "runtime/src/guide_links.md lacks {missing:#?}"
    );
}

#[test]
fn the_book_has_all_pages() {
    let docs = root().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<_> = links(&summary)
        .into_iter()
        .map(|link| link.target)
        .collect();
    let pages = markdown(&docs).into_iter();
    let pages = pages.map(|page| page.file_name().unwrap().to_string_lossy().into_owned());
    let pages: BTreeSet<_> = pages.filter(|page| page != "SUMMARY.md").collect();
    assert_eq!(pages, listed);
}

struct Link {
    target: String,
    kind: LinkType,
}

fn links(text: &str) -> Vec<Link> {
    let links = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Start(
            Tag::Link {
                dest_url,
                link_type,
                ..
            }
            | Tag::Image {
                dest_url,
                link_type,
                ..
            },
        ) => Some(Link {
            target: dest_url.into_string(),
            kind: link_type,
        }),
        _ => None,
    });
    links.collect()
}

/// Checks the target of a link in a document: a file of the repository, and a heading of that file.
fn check(document: &Path, target: &str) -> Result<(), &'static str> {
    if let Some(path) = target.strip_prefix("https://github.com/sio-types/sio-types/") {
        let file = path
            .strip_prefix("tree/main/")
            .or_else(|| path.strip_prefix("blob/main/"));
        return match file {
            Some(file) if !root().join(file).exists() => Err("no such file in the repository"),
            _ => Ok(()),
        };
    }
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = match path {
        "" => document.to_owned(),
        path => document.parent().unwrap().join(path),
    };
    if !file.exists() {
        return Err("no such file");
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let anchors = anchors(&fs::read_to_string(file).unwrap());
    match anchors.contains(anchor) {
        true => Ok(()),
        false => Err("no such heading"),
    }
}

/// Returns the anchors of a document's headings, by GitHub's rules, which mdBook and rustdoc share for plain text.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let count = (1..).find(|count| !anchors.contains(&numbered(&slug, *count)));
                anchors.insert(numbered(&slug, count.unwrap_or(1)));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    *heading += &text;
                }
            }
            _ => {}
        }
    }
    anchors
}

fn numbered(slug: &str, count: usize) -> String {
    match count {
        1 => slug.to_owned(),
        count => format!("{slug}-{}", count - 1),
    }
}

fn slug(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Returns the pages that are modules of `sio_types::guide`.
fn guides() -> Vec<PathBuf> {
    let modules = fs::read_to_string(root().join("runtime/src/guide.rs")).unwrap();
    let (_, list) = modules.split_once("guides! {\n").unwrap();
    let names = list.split('"').filter(|text| text.ends_with(".md"));
    let guides: Vec<_> = names.map(|name| root().join("docs").join(name)).collect();
    assert!(guides.len() > 20, "{guides:?}");
    guides
}

fn documents() -> Vec<PathBuf> {
    let root = root();
    let mut documents = markdown(&root);
    documents.extend(markdown(&root.join("docs")));
    documents
}

fn markdown(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
