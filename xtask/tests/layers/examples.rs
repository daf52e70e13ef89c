//! Examples for each rule: one small crate that follows it, and one that violates it.

use crate::{
    architecture::Layers,
    check, cycles,
    modules::{Crate, Sources},
};

/// `low` is the lowest layer, `middle` and `other` are one layer, and `high` is the highest.
const LAYERS: &str =
    "text before\n```layers example\nlow\nmiddle other # of one layer\nhigh\n```\ntext after\n";

const ROOT: &str = "mod high; mod low; mod middle; mod other; pub use high::Top;";

/// Creates a crate of the four modules. `files` replaces or adds modules.
fn example(files: &[(&str, &str)]) -> Crate {
    let base = [
        ("lib.rs", ROOT),
        ("high.rs", "pub struct Top;"),
        ("low.rs", ""),
        ("middle.rs", ""),
        ("other.rs", ""),
    ];
    let files = base.iter().chain(files);
    let sources: Sources = files
        .map(|(path, text)| (path.into(), (*text).to_owned()))
        .collect();
    Crate::parse(&sources).expect("the example parses")
}

fn violations(files: &[(&str, &str)]) -> Vec<String> {
    let layers = Layers::parse(LAYERS, "example").expect("the block is there");
    check::violations(&example(files), &layers)
}

#[track_caller]
fn passes(files: &[(&str, &str)]) {
    assert_eq!(violations(files), [""; 0]);
}

/// Asserts that there is exactly one violation, which starts with `expected`.
#[track_caller]
fn fails(files: &[(&str, &str)], expected: &str) {
    let found = violations(files);
    assert!(
        matches!(found.as_slice(), [one] if one.starts_with(expected)),
        "expected one violation that begins with `{expected}`, got {found:#?}"
    );
}

#[test]
fn imports_go_down() {
    passes(&[("high.rs", "use crate::low::Thing;")]);
    fails(
        &[("low.rs", "use std::fmt;\nuse crate::high::Thing;")],
        "src/low.rs:2: low -> high: `crate::high::Thing` goes up",
    );
}

#[test]
fn modules_of_one_layer_are_apart() {
    passes(&[("other.rs", "use crate::low::Thing;")]);
    fails(
        &[("other.rs", "use crate::middle::Thing;")],
        "src/other.rs:1: other -> middle: `crate::middle::Thing` is sideways",
    );
}

#[test]
fn every_module_is_listed() {
    let root = format!("{ROOT} mod new;");
    fails(
        &[("lib.rs", &root), ("new/mod.rs", "use crate::high::Thing;")],
        "src/new/mod.rs:1: the module `new` is not listed",
    );
}

#[test]
fn every_listed_module_exists() {
    fails(
        &[("lib.rs", "mod high; mod low; mod middle;")],
        "src/lib.rs:1: the listed module `other` does not exist",
    );
}

#[test]
fn a_block_lists_a_module_once() {
    let twice = "```layers example\nlow\nhigh low\n```\n";
    let error = Layers::parse(twice, "example").err();
    assert!(error.is_some_and(|error| error.contains("`low` twice")));
    let error = Layers::parse(LAYERS, "exam").err();
    assert!(error.is_some_and(|error| error.contains("no fenced block `layers exam`")));
}

#[test]
fn nothing_is_imported_through_the_root() {
    passes(&[("lib.rs", ROOT), ("middle.rs", "use crate::low::Thing;")]);
    fails(
        &[("low.rs", "use crate::Top;")],
        "src/low.rs:1: low -> crate root: `crate::Top` hides which layer it comes from; import `crate::high::Top`",
    );
    fails(
        &[("low.rs", "use super::Top;")],
        "src/low.rs:1: low -> crate root: `super::Top`",
    );
    fails(
        &[
            ("low.rs", "mod inner;"),
            ("low/inner.rs", "use super::super::Top;"),
        ],
        "src/low/inner.rs:1: low -> crate root: `super::super::Top`",
    );
    fails(
        &[("low.rs", "use crate::*;")],
        "src/low.rs:1: low -> crate root",
    );
    fails(
        &[("low.rs", "use crate as root;")],
        "src/low.rs:1: low -> crate root",
    );
    fails(
        &[("low.rs", "fn top() -> crate::Top { todo!() }")],
        "src/low.rs:1: low -> crate root",
    );
}

#[test]
fn free_modules_import_everything_and_are_not_imported() {
    let root = format!("{ROOT} pub mod prelude; #[path = \"private.rs\"] pub mod __private;");
    let prelude = (
        "prelude.rs",
        "pub use crate::{high::Top, low::Thing, Top as Other};",
    );
    let private = ("private.rs", "pub use crate::high::Top;");
    passes(&[("lib.rs", &root), prelude, private]);
    fails(
        &[
            ("lib.rs", &root),
            prelude,
            private,
            ("low.rs", "use crate::prelude::Top;"),
        ],
        "src/low.rs:1: low -> prelude: `crate::prelude::Top`: `prelude` re-exports",
    );
    fails(
        &[
            ("lib.rs", &root),
            prelude,
            private,
            ("low.rs", "use crate::__private::Top;"),
        ],
        "src/low.rs:1: low -> __private",
    );
}

#[test]
fn use_trees_are_taken_apart() {
    passes(&[(
        "high.rs",
        "use crate::{low::{self, Thing as Renamed, deep::*}, middle::{Other}};",
    )]);
    fails(
        &[(
            "middle.rs",
            "use crate::{\n low::{self, Thing},\n high::{self as top},\n};",
        )],
        "src/middle.rs:3: middle -> high: `crate::high` goes up",
    );
    fails(
        &[("middle.rs", "use crate::{low::Thing, high::*};")],
        "src/middle.rs:1: middle -> high: `crate::high` goes up",
    );
}

#[test]
fn paths_are_imports() {
    passes(&[("high.rs", "fn f() { crate::low::g::<crate::middle::T>() }")]);
    for text in [
        "fn f() { crate::high::g() }",
        "fn f(_: Option<Vec<crate::high::Top>>) {}",
        "impl crate::high::Trait for Thing {}",
        "fn f() -> impl Iterator<Item = crate::high::Top> { None }",
        "fn f(x: u8) { match x { crate::high::LIMIT => {} _ => {} } }",
        "fn f() { use crate::high::Top; }",
        "fn f() { crate::high::shout!(); }",
        "#[derive(crate::high::Derive)] struct Thing;",
        "#[serde(with = \"crate::high\")] struct Thing;",
        "#[error(transparent, source = crate::high::g)] struct Thing;",
    ] {
        fails(
            &[("low.rs", text)],
            "src/low.rs:1: low -> high: `crate::high",
        );
    }
}

#[test]
fn super_is_resolved() {
    passes(&[
        ("high.rs", "mod inner; struct Own;"),
        (
            "high/inner.rs",
            "use super::Own; use self::super::Own as Same; use super::super::low::Thing;",
        ),
    ]);
    fails(
        &[(
            "low.rs",
            "mod inner { mod deep { use super::super::super::high::Top; } }",
        )],
        "src/low.rs:1: low -> high: `super::super::super::high::Top` goes up",
    );
    fails(
        &[("low.rs", "use super::high::Top;")],
        "src/low.rs:1: low -> high: `super::high::Top` goes up",
    );
}

#[test]
fn tokens_of_macros_are_searched() {
    passes(&[(
        "high.rs",
        "fn f(x: u8) { info!(x = self::g(), \"{}\", crate::low::g(x)); vec![crate::middle::X; 2] }",
    )]);
    for text in [
        "fn f() { info!(\"{}\", crate::high::g()); }",
        "fn f() { select! { x = crate::high::g() => x } }",
        "wrap! { struct Thing { field: crate::high::Top } }",
        "wrap! { use crate::{low::Own, high::Top}; }",
        "wrap! { mod inner { use super::super::high::Top; } }",
        "macro_rules! m { ($x:expr) => { $crate::high::g($x) } }",
    ] {
        let found = violations(&[("low.rs", text)]);
        assert!(
            matches!(found.as_slice(), [one] if one.starts_with("src/low.rs:1: low -> high")),
            "{text}: {found:#?}"
        );
    }
    // These macros contain code of another crate.
    passes(&[(
        "low.rs",
        "fn f() -> TokenStream { quote!(crate::high::g()) } fn g() { h(quote_spanned! {x=> crate::Top}) }",
    )]);
}

#[test]
fn exported_macros_name_public_paths() {
    let exported =
        |body: &str| format!("#[macro_export] macro_rules! shout {{ () => {{ {body} }} }}");
    passes(&[("low.rs", &exported("$crate::Top; $crate::__private::Thing"))]);
    fails(
        &[("low.rs", &exported("$crate::high::Top"))],
        "src/low.rs:1: low -> high",
    );
    fails(
        &[("low.rs", "macro_rules! shout { () => { $crate::Top } }")],
        "src/low.rs:1: low -> crate root",
    );
    // The names of exported macros are at the root, wherever the macros are defined.
    let shout = exported("");
    passes(&[
        ("low.rs", &shout),
        ("high.rs", "fn f() { crate::shout!() }"),
    ]);
    fails(
        &[
            ("high.rs", &shout),
            ("low.rs", "fn f() { crate::shout!() }"),
        ],
        "src/low.rs:1: low -> high: `crate::shout` goes up",
    );
}

#[test]
fn tests_are_free() {
    let root = format!("{ROOT} #[cfg(any(test, fuzzing))] mod fuzzing; #[cfg(test)] mod tests;");
    passes(&[
        ("lib.rs", &root),
        (
            "low.rs",
            "#[cfg(test)] use crate::high::Top;
             #[cfg(test)] mod tests;
             #[cfg(all(test, unix))] mod more { use crate::Top; }
             #[cfg(fuzzing)] fn fuzz() { crate::high::g() }
             struct Thing { #[cfg(test)] top: crate::high::Top }
             fn f() { #[cfg(test)] crate::high::g(); #[cfg(test)] let top = crate::Top; }",
        ),
    ]);
    for cfg in ["not(test)", "any(test, unix)", "feature = \"test\""] {
        let text = format!("#[cfg({cfg})] use crate::high::Top;");
        fails(&[("low.rs", &text)], "src/low.rs:1: low -> high");
    }
}

#[test]
fn visibilities_are_no_imports() {
    passes(&[(
        "low.rs",
        "pub(crate) struct Thing { pub(in crate::low) field: u8 } wrap! { pub(crate) fn f() {} }",
    )]);
}

#[test]
fn every_violation_is_listed() {
    let found = violations(&[
        ("low.rs", "use crate::high::Top;\nuse crate::Top as Other;"),
        ("other.rs", "use crate::middle::Thing;"),
    ]);
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn cycles_of_files() {
    let names = |files: &[(&str, &str)]| {
        let cycles = cycles::among_files(&example(files));
        let names = cycles
            .iter()
            .flatten()
            .map(|file| file.display().to_string());
        names.collect::<Vec<_>>()
    };
    // A re-export does not import the other items that the file re-exports.
    let straight = [
        ("low.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("low/a.rs", "pub struct A;"),
        ("low/b.rs", "use super::A; pub struct B(A);"),
        ("high.rs", "use crate::low::{A, B};"),
    ];
    assert_eq!(names(&straight), [""; 0]);
    let circle = [
        ("low.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("low/a.rs", "pub struct A(crate::low::B);"),
        ("low/b.rs", "use super::A; pub struct B(A);"),
    ];
    assert_eq!(names(&circle), ["low/a.rs", "low/b.rs"]);
}
