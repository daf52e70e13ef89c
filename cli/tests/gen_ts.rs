//! The command, run on crates as users have them.

use std::fs;

use sio_types_test_support::{
    cli::{Run, copy_of, own_part},
    typescript::{assert_compiles, assert_formatted},
};

#[test]
fn a_library_crate() {
    let typescript = Run::in_fixture("library").args(["gen-ts"]).stdout();
    insta::assert_snapshot!(own_part(&typescript));
    assert_formatted(&typescript);
    assert_compiles(&typescript, "export {}");
}

#[test]
fn a_crate_with_a_binary_only() {
    let typescript = Run::in_fixture("binary").args(["gen-ts"]).stdout();
    insta::assert_snapshot!(own_part(&typescript));
    assert_compiles(&typescript, "export {}");
}

#[test]
fn a_feature_adds_a_namespace() {
    let plain = Run::in_fixture("library").args(["gen-ts"]).stdout();
    let admin = Run::in_fixture("library")
        .args(["gen-ts", "--features", "admin"])
        .stdout();
    let again = Run::in_fixture("library").args(["gen-ts"]).stdout();
    assert!(admin.contains("\"/admin\""));
    assert!(!plain.contains("\"/admin\""));
    assert_eq!(plain, again);
}

#[test]
fn a_member_of_a_workspace() {
    let shared = Run::in_fixture("workspace")
        .args(["gen-ts", "-p", "events"])
        .stdout();
    assert!(shared.contains("\"/shared\""));
    let own = Run::in_fixture("workspace")
        .args(["gen-ts", "-p", "server", "--bin", "one"])
        .stdout();
    assert!(own.contains("\"/own\""));
    assert!(
        !own.contains("\"/shared\""),
        "a dependency's namespaces are not the crate's"
    );
    let here = Run::in_fixture("workspace/events")
        .args(["gen-ts"])
        .stdout();
    assert_eq!(here, shared);
}

#[test]
fn what_cannot_be_found_is_said_with_what_can() {
    let workspace = || Run::in_fixture("workspace").args(["gen-ts"]);
    workspace().fails(2, &["several packages", "--package", "events, server"]);
    workspace()
        .args(["-p", "evnts"])
        .fails(2, &["no package named `evnts`", "`events`"]);
    workspace()
        .args(["-p", "plain"])
        .fails(2, &["does not depend on sio-types", "events"]);
    workspace()
        .args(["-p", "server"])
        .fails(2, &["several binaries", "one, two"]);
    workspace()
        .args(["-p", "server", "--bin", "on"])
        .fails(2, &["no binary named `on`"]);
    workspace()
        .args(["-p", "server", "--bin", "two"])
        .fails(3, &["no `#[derive(Events)]` found", "--bin one"]);
}

#[test]
fn a_crate_that_does_not_build_is_exit_code_3_with_cargos_words() {
    let copy = copy_of("library");
    let source = copy.path().join("src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text + "\nfn broken() -> u8 { \"text\" }\n").unwrap();
    Run::in_directory(copy.path())
        .args(["gen-ts"])
        .fails(3, &["mismatched types", "src/lib.rs", "does not build"]);
}

#[test]
fn check_finds_a_stale_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("deep/events.ts");
    let path = file.to_str().unwrap();
    let run = |extra: &[&str]| {
        let run = Run::in_fixture("library").args(["gen-ts", "-o", path]);
        run.args(extra.iter().copied())
    };
    run(&["--check"]).fails(1, &["missing"]);
    run(&[]).code(0);
    run(&["--check"]).code(0);
    fs::write(&file, "// by hand\n").unwrap();
    let output = run(&["--check"]).code(1);
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("-// by hand")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "// by hand\n");
    let names = fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(names, 1, "no temporary file is left behind");
}

#[test]
fn a_document_serves_as_well_as_the_crate() {
    let directory = tempfile::tempdir().unwrap();
    let document = directory.path().join("schema.json");
    let path = document.to_str().unwrap();
    Run::in_fixture("library")
        .args(["gen-schema", "-o", path])
        .code(0);
    let from_crate = Run::in_fixture("library").args(["gen-ts"]).stdout();
    let elsewhere = Run::in_directory(directory.path());
    assert_eq!(
        elsewhere.args(["gen-ts", "--schema", path]).stdout(),
        from_crate
    );
}

#[test]
fn an_edit_is_seen() {
    let copy = copy_of("library");
    let run = || Run::in_directory(copy.path()).args(["gen-ts"]);
    let first = run().stdout();
    assert_eq!(run().stdout(), first);
    let source = copy.path().join("src/chat.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replace("seats: u32", "places: u32")).unwrap();
    assert!(run().stdout().contains("places: number"));
}
