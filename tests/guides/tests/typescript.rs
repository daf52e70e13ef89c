//! Compiles the TypeScript blocks of each page against a module that is generated from the page's own namespaces.
//!
//! Blocks of one page are one module. A block with the tag `separate` is a module of its own.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use sio_types_cli::typescript::{Target, print_for};
use sio_types_guides::schemas;
use sio_types_test_support::typescript::{assert_all_compile, packages};

#[test]
fn typescript_blocks_compile() {
    let directory = tempfile::tempdir_in(packages()).unwrap();
    let mut files = Vec::new();
    for page in pages() {
        let name = page.file_stem().unwrap().to_str().unwrap();
        let modules = modules(&fs::read_to_string(&page).unwrap());
        if modules.is_empty() {
            continue;
        }
        let directory = directory.path().join(name);
        fs::create_dir(&directory).unwrap();
        for (module, code) in modules {
            let file = directory.join(module);
            fs::write(&file, code).unwrap();
            files.push(file);
        }
    }
    assert!(!files.is_empty(), "no page has TypeScript");
    for (page, schema) in schemas() {
        let directory = directory.path().join(page);
        if !directory.exists() {
            continue;
        }
        let target = Target {
            node: true,
            react: true,
            zod: false,
        };
        let module = print_for(&schema.unwrap(), target).unwrap();
        fs::write(directory.join("events.ts"), module.text).unwrap();
    }
    assert_all_compile(directory.path(), &files);
}

/// Returns all pages with code.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = docs
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.push(root.join("README.md"));
    // As in `build.rs`: one page for who writes it.
    if let Some(only) = std::env::var_os("PAGE") {
        pages.retain(|page| page.file_stem() == Some(only.as_os_str()));
    }
    pages
}

/// Returns the modules of a page with their file names. Each line stays where it is on the page, so that an error
/// names the line of the page.
fn modules(page: &str) -> Vec<(String, String)> {
    let mut modules = Vec::new();
    let mut shared = String::new();
    let mut separate: Option<(usize, String)> = None;
    let mut language = None;
    for (index, line) in page.lines().enumerate() {
        let text = line.trim_start();
        if let Some(tags) = text.strip_prefix("```") {
            if language.take().is_some() {
                if let Some((start, code)) = separate.take() {
                    modules.push((format!("line-{start}.tsx"), code + "export {};\n"));
                }
            } else {
                let tags: Vec<_> = tags.split(',').collect();
                language = Some(tags[0].to_owned());
                if matches!(tags[0], "ts" | "tsx") && tags.contains(&"separate") {
                    separate = Some((index + 1, "\n".repeat(index)));
                }
            }
        } else if matches!(language.as_deref(), Some("ts" | "tsx")) {
            if let Some((_, code)) = &mut separate {
                writeln!(code, "{line}").unwrap();
            } else {
                shared += line;
            }
        }
        shared.push('\n');
        if let Some((_, code)) = &mut separate
            && text.starts_with("```")
        {
            code.push('\n');
        }
    }
    if !shared.trim().is_empty() {
        modules.push(("page.tsx".to_owned(), shared + "export {};\n"));
    }
    modules
}
