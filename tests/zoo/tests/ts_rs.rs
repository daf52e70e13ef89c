//! The zoo with ts-rs. `docs/ts-rs.md` lists the types that differ from the wire format; this test verifies that page.

#![allow(
    deprecated,
    missing_docs,
    unreachable_pub,
    reason = "types that only stand for their shape"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::Value;
use sio_types::{
    __private::{declare_by_ts_rs, schemars},
    schema::{Schema, keys},
};
use sio_types_cli::typescript::{Module, print};
use sio_types_test_support::typescript::{assert_compiles, assert_formatted, error_lines};
use sio_types_zoo::{enums::*, schema, specimens, structs::*, uses::Uses};
use ts_rs::TS;

/// Returns the note of the macro about the ts-rs type, or `None` if ts-rs panics.
fn note<T: TS + 'static>() -> Option<Value> {
    std::panic::catch_unwind(|| {
        let mut schema = schemars::Schema::default();
        declare_by_ts_rs::<T>(&mut schema);
        schema.get(keys::TS).cloned()
    })
    .ok()
    .flatten()
}

macro_rules! notes {
    ($($ty:ty),* $(,)?) => {
        [$((definition(stringify!($ty)), note::<$ty>())),*]
    };
}

/// Returns the name of a type's definition.
fn definition(ty: &str) -> String {
    ty.replace('<', "_of_").replace('>', "")
}

/// Returns the notes of all types of the zoo that ts-rs can be derived for, by the name of their definitions.
fn notes() -> BTreeMap<String, Option<Value>> {
    let notes = notes![
        Named,
        Empty,
        Unit,
        Newtype,
        NewtypeOfStruct,
        NewtypeOfOption,
        NewtypeOfNewtype,
        Pair,
        PairOfOptions,
        Camel,
        Kebab,
        SplitCase,
        SplitRename,
        Optional,
        SkippedIfNone,
        SkippedIfZero,
        SkippedWithoutDefault,
        Defaulted,
        DefaultedContainer,
        Skipped,
        SkippedOut,
        SkippedIn,
        Flattened,
        FlattenedTwice,
        FlattenedOption,
        FlattenedMap,
        Strict,
        Tagged,
        Aliased,
        Recursive,
        Phantom,
        Nested,
        Converted,
        Parsed,
        TupleWithDefault,
        TupleOfDefaults,
        TupleWithSkipped,
        FlattenedTagged,
        Point,
        Colour,
        Shouted,
        Single,
        External,
        ExternalCamel,
        Internal,
        InternalCamel,
        Adjacent,
        Untagged,
        WithSkipped,
        OneWay,
        RenamedVariant,
        DefaultedVariant,
        Expression,
        WithFlattenedEnum,
        WithFlattenedAdjacent,
        WithFlattenedExternal,
        Holder,
        AsText,
        Fields,
        WithSkippedFields,
        InternalWithSkippedFields,
        AdjacentWithSkippedFields,
        UntaggedWithSkippedFields,
        VariantWithDefault,
        AdjacentWithDefault,
        WithOther,
        TaggedWithOther,
        WithUntaggedVariant,
        WithAlias,
        TaggedNewtypeOfUnit,
        Page<Named>,
        Generic<Colour>,
    ];
    notes.into_iter().collect()
}

/// Returns the schema of the zoo with `#[payload(ts)]` on those types.
fn bridged(notes: &BTreeMap<String, Option<Value>>) -> Schema {
    let mut document = serde_json::to_value(schema()).expect("a document");
    for (name, note) in notes {
        let Some(note) = note else { continue };
        let mut found = false;
        for direction in ["sent", "accepted"] {
            if let Some(definition) = document["definitions"][direction].get_mut(name) {
                definition[keys::TS] = note.clone();
                found = true;
            }
        }
        assert!(found, "no definition is named {name}");
    }
    Schema::from_json(&document.to_string()).expect("a schema")
}

/// Reasons why ts-rs types differ from the wire format. The test fails for a difference without a reason, and for a
/// reason without a difference.
const REASONS: &[(&[&str], &str)] = &[
    (
        &["AdjacentWithSkippedFields"],
        "a variant whose one field is skipped has no content when serde writes it, and `null` when it reads",
    ),
    (
        &["AsText", "Converted", "Parsed"],
        "`from`, `try_from` and `into` are not looked at",
    ),
    (
        &["DefaultedVariant", "SkippedIfNone", "SkippedWithoutDefault"],
        "`skip_serializing_if` without `default`: the field may be absent when it is sent",
    ),
    (
        &["OneWay"],
        "`skip_serializing` and `skip_deserializing` have one type for both directions",
    ),
    (
        &["SkippedOut"],
        "`skip_serializing`: the field is wanted and never sent",
    ),
    (&["Phantom"], "`PhantomData` is `null`"),
    (
        &["RenamedVariant", "SplitCase", "SplitRename"],
        "names that differ by direction: the attribute is dropped",
    ),
    (
        &["TaggedNewtypeOfUnit"],
        "a tag beside nothing is not `& null`, which no value is; and a map beside a tag has the tag in it",
    ),
    (
        &["Documented"],
        "`*/` in the documentation ends the comment",
    ),
    (&["OddNames"], "a quote in a name is not escaped"),
    (&["FlattenedOption"], "an `Option` cannot be flattened"),
];

/// Types that ts-rs cannot print, and its behavior for them.
const UNPRINTABLE: [(&str, &str); 3] = [
    ("Documented", "generates invalid TypeScript"),
    ("FlattenedOption", "panics"),
    ("OddNames", "generates invalid TypeScript"),
];

fn module(notes: &BTreeMap<String, Option<Value>>) -> Module {
    print(&bridged(notes)).expect("every name is taken once")
}

/// Number of values that the compiler and Rust judge differently.
#[derive(Debug, Default, PartialEq)]
struct Misjudged {
    sent: usize,
    accepted: usize,
    refused: usize,
}

/// Lets the compiler judge the values of the types that a module declares, whether the types are ours or those of
/// ts-rs.
fn judged(module: &Module, names: &BTreeSet<&str>) -> (Misjudged, BTreeSet<String>) {
    let mut uses = Uses::default();
    // Each line's kind of value and type.
    let mut lines = BTreeMap::new();
    for (number, specimen) in specimens().iter().enumerate() {
        let name = definition(specimen.ty);
        if !names.contains(&*name) {
            continue;
        }
        uses.name(number, specimen);
        let values = [
            ("S", &specimen.sent),
            ("A", &specimen.accepted),
            ("R", &specimen.refused),
        ];
        for (letter, values) in values {
            for value in values {
                uses.value(letter, number, value);
                lines.insert(uses.0.lines().count(), (letter, name.clone()));
            }
        }
    }
    let complaints: BTreeSet<_> = error_lines(&module.text, &uses.0).into_iter().collect();
    let mut misjudged = Misjudged::default();
    let mut of_types = BTreeSet::new();
    for (line, (letter, name)) in lines {
        let count = match (letter, complaints.contains(&line)) {
            ("S", true) => &mut misjudged.sent,
            ("A", true) => &mut misjudged.accepted,
            ("R", false) => &mut misjudged.refused,
            _ => continue,
        };
        *count += 1;
        of_types.insert(name);
    }
    (misjudged, of_types)
}

/// Returns the warnings about each type.
fn warnings(module: &Module) -> BTreeMap<&str, Vec<&str>> {
    let mut warnings: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for warning in &module.warnings {
        let place = warning.split('`').nth(1).expect("a place");
        let name = place.split('.').next().expect("a name");
        warnings.entry(name).or_default().push(warning.as_str());
    }
    warnings
}

fn reason(name: &str) -> &'static str {
    let mut found = REASONS.iter().filter(|(names, _)| names.contains(&name));
    found
        .next()
        .unwrap_or_else(|| panic!("no reason is given for {name}"))
        .1
}

fn page() -> String {
    let notes = notes();
    let names: BTreeSet<_> = notes.keys().map(String::as_str).collect();
    let ours = print(&schema()).expect("every type can be said");
    let theirs = module(&notes);
    let (our_mistakes, _) = judged(&ours, &names);
    assert_eq!(our_mistakes, Misjudged::default());
    let (their_mistakes, mistaken) = judged(&theirs, &names);
    let warnings = warnings(&theirs);
    let stricter: Vec<_> = mistaken
        .iter()
        .filter(|name| !warnings.contains_key(&***name))
        .map(|name| format!("`{name}`"))
        .collect();
    let cell = |text: &str| text.replace('|', "\\|");
    let mut rows = BTreeMap::new();
    for (name, warnings) in &warnings {
        let texts: Vec<_> = warnings.iter().map(|warning| cell(warning)).collect();
        rows.insert(*name, texts.join("<br>"));
    }
    for (name, what) in UNPRINTABLE {
        rows.insert(name, what.to_owned());
    }
    let table: String = rows
        .iter()
        .map(|(name, what)| format!("| `{name}` | {what} | {} |\n", reason(name)))
        .collect();
    let reasons = REASONS.iter().flat_map(|(names, _)| *names);
    let unused: Vec<_> = reasons.filter(|name| !rows.contains_key(*name)).collect();
    assert!(unused.is_empty(), "nothing differs for {unused:?}");
    include_str!("support/ts-rs.md")
        .replace("{types}", &names.len().to_string())
        .replace("{unprintable}", &UNPRINTABLE.len().to_string())
        .replace("{sent}", &their_mistakes.sent.to_string())
        .replace("{accepted}", &their_mistakes.accepted.to_string())
        .replace("{refused}", &their_mistakes.refused.to_string())
        .replace("{table}", table.trim_end())
        .replace("{stricter}", &stricter.join(", "))
}

#[test]
fn the_page_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ts-rs.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "run this test with UPDATE_DOCS=1");
}

#[test]
fn what_the_compiler_finds_is_warned_of() {
    let notes = notes();
    let module = module(&notes);
    let warnings = warnings(&module);
    let names = notes.keys().map(String::as_str);
    let without: BTreeSet<_> = names.filter(|name| !warnings.contains_key(name)).collect();
    let (misjudged, of) = judged(&module, &without);
    assert_eq!((misjudged.sent, misjudged.refused), (0, 0), "{of:?}");
}

#[test]
fn what_cannot_be_printed_is_an_error() {
    assert_eq!(note::<FlattenedOption>(), None, "it panics");
    for (name, note) in [
        ("Documented", note::<Documented>()),
        ("OddNames", note::<OddNames>()),
    ] {
        assert!(note.is_some(), "{name}");
        let bridged = bridged(&BTreeMap::from([(name.to_owned(), note)]));
        let error = print(&bridged).expect_err(name).to_string();
        let what = format!("ts-rs generates invalid TypeScript for `{name}`");
        assert!(error.contains(&what), "{error}");
    }
}

/// Types of a user who migrates from ts-rs.
mod bridge {
    use sio_types::prelude::*;
    use ts_rs::TS;

    /// A page of something.
    #[payload(ts)]
    #[derive(TS)]
    pub struct Listing<T> {
        pub items: Vec<T>,
        pub next: Option<u64>,
    }

    /// A person.
    #[payload(ts)]
    #[derive(TS)]
    #[serde(rename_all = "camelCase")]
    pub struct Person {
        pub first_name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub nick: Option<String>,
    }

    #[events]
    pub trait ServerToClient {
        fn people(listing: Listing<Person>);
        fn numbers(listing: Listing<u32>, first: Person);
    }

    #[derive(Events)]
    #[events(namespace = "/", server_to_client = ServerToClient)]
    pub struct App;
}

#[test]
fn a_bridged_module_compiles() {
    let schema = sio_types::schema::of::<(bridge::App,)>().expect("a schema");
    let module = print(&schema).expect("a module");
    assert_eq!(
        module.warnings,
        [
            "`Person.nick`: the server sends `nick?: string | null`, but ts-rs declares `nick: string | null`"
        ]
    );
    assert!(
        module
            .text
            .contains("people: (listing: Listing<Person>) => void;")
    );
    assert_formatted(&module.text);
    let uses = r#"
        import type { Listing, Person, ServerToClientEvents } from "./events.js";
        declare const events: ServerToClientEvents;
        const person: Person = { firstName: "Ada", nick: null };
        events.people({ items: [person], next: 3 });
        const numbers: Listing<number> = { items: [1], next: null };
        events.numbers(numbers, person);
        // @ts-expect-error: not numbers
        events.numbers({ items: [person], next: null }, person);
    "#;
    assert_compiles(&module.text, uses);
}
