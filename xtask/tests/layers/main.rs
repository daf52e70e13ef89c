//! Modules import only from lower layers: compares the layers in `ARCHITECTURE.md` with the `use` items and paths of
//! each crate.
//!
//! The check is syntactic. It does not see the expansion of macros, nor a path that starts with a name that another
//! `use` has imported. It does see that `use` itself.

mod architecture;
mod check;
mod cycles;
mod examples;
mod imports;
mod modules;

use std::{fs, path::Path};

use architecture::Layers;
use modules::Crate;

/// Checks one crate of the workspace against its block in `ARCHITECTURE.md`.
///
/// `files_in_cycles` is the number of files that import each other in a cycle. Lower it when you remove a cycle.
fn check(name: &str, files_in_cycles: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let layers = Layers::parse(&document, name).unwrap_or_else(|error| panic!("{error}"));
    let sources = modules::read_sources(&root.join(name).join("src"));
    let krate = Crate::parse(&sources).unwrap_or_else(|error| panic!("{name}/src/{error}"));

    let violations = check::violations(&krate, &layers);
    assert!(
        violations.is_empty(),
        "{} violations of the block `layers {name}` in ARCHITECTURE.md:\n\n{}\n",
        violations.len(),
        violations
            .iter()
            .map(|violation| format!("{name}/{violation}"))
            .collect::<Vec<_>>()
            .join("\n")
    );

    let cycles = cycles::among_files(&krate);
    let count: usize = cycles.iter().map(Vec::len).sum();
    println!("{name}: {count} files import each other in a circle: {cycles:#?}");
    assert!(
        count <= files_in_cycles,
        "{name}: {count} files import each other in a circle, {files_in_cycles} did before; \
         move what both sides need to a file of its own: {cycles:#?}"
    );
}

#[test]
fn macros() {
    check("macros", 0);
}

#[test]
fn runtime() {
    check("runtime", 61);
}

#[test]
fn cli() {
    check("cli", 4);
}

#[test]
fn schema() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/Cargo.toml");
    if manifest.exists() {
        check("schema", 0);
    }
}
