//! `cargo xtask test`: runs all checks, from formatting to a chat between two browsers.

use std::{
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Result, anyhow};

use crate::{
    check, cluster,
    demo::{OPTIONS, PAGE, build_page, generate},
    doc_links,
    run::{cargo, command, npm, program, root, run, step},
    setup::{BROWSER_TESTS, chromium, engines, install_packages, package_directories},
};

/// Directory of the tests of generated hooks.
const HOOKS: &str = "tests/react";

/// Directory of the quickstart's client.
const QUICKSTART: &str = "examples/quickstart/client";

/// Programs that the pages' steps and the browser tests run.
const PROGRAMS: [&str; 5] = [
    "sio-types",
    "chat-server",
    "cluster-server",
    "metrics-server",
    "quickstart",
];

pub(crate) fn run_all(long: bool) -> Result<()> {
    // npm and apt-get mostly wait for the network, and these checks do not need the packages that they install.
    let chromium = thread::scope(|scope| {
        let installing = scope.spawn(set_up);
        check_rust()?;
        let installed = installing.join();
        installed.map_err(|_| anyhow!("the installation panicked"))?
    })?;
    let programs = step("build the tests and the programs", build)?;
    // The Rust tests mostly wait: for heartbeats, timeouts and restarts of Redis.
    thread::scope(|scope| {
        let pages = scope.spawn(|| test_pages(&chromium, &programs));
        test_rust(long)?;
        let pages = pages.join();
        pages.map_err(|_| anyhow!("the tests of the pages panicked"))?
    })?;
    eprintln!("\nEverything passed.");
    Ok(())
}

fn test_pages(chromium: &Path, programs: &Path) -> Result<()> {
    check_pages(programs)?;
    test_hooks(programs)?;
    step("browser tests", || test_in_browser(chromium, programs))?;
    document()
}

fn set_up() -> Result<std::path::PathBuf> {
    step("install npm packages", || {
        package_directories()?
            .iter()
            .try_for_each(|directory| install_packages(directory))
    })?;
    step("find Redis and PostgreSQL", engines)?;
    step("find Chromium", || {
        let chromium = chromium()?;
        eprintln!("    {}", chromium.display());
        Ok(chromium)
    })
}

fn check_rust() -> Result<()> {
    check::formatting()?;
    check::clippy()
}

fn document() -> Result<()> {
    step("documentation", || {
        let arguments = ["doc", "--workspace", "--no-deps", "--all-features"];
        // These targets are the ones that `cargo doc` documents by default; there are no examples. Naming them gives
        // the dependencies the same features as for tests. Clippy has checked the dependencies with these features
        // already, so they are not checked again.
        let targets = ["--lib", "--bins", "--examples"];
        let mut doc = cargo(&arguments);
        run(doc.args(targets).env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    step("links to the documentation", || {
        doc_links::check(&target().join("doc"))
    })
}

fn test_rust(long: bool) -> Result<()> {
    step("Rust tests", || {
        let mut tests = cargo(&["test", "--workspace", "--all-features"]);
        if long {
            tests
                .env("ZOO_CASES", "600")
                .env("PROPTEST_CASES", "20000")
                .env("CROWD", "10000")
                .env("HOSTILE_FRAMES", "1000000");
        }
        run(&mut tests)
    })
}

/// Builds the programs with the features of the tests, so that no library is compiled again.
fn build() -> Result<PathBuf> {
    run(&mut cargo(&[
        "test",
        "--workspace",
        "--all-features",
        "--no-run",
    ]))?;
    let arguments = ["build", "--workspace", "--all-features", "--tests"];
    let mut build = cargo(&arguments);
    build.args(["--exclude", "xtask"]);
    for program in PROGRAMS {
        build.args(["--bin", program]);
    }
    run(&mut build)?;
    Ok(target().join("debug"))
}

/// Returns the directory of cargo's output.
fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(target.unwrap_or("target".into()))
}

fn check_pages(programs: &Path) -> Result<()> {
    let pages: [(_, _, &[&str]); 3] = [
        ("chat-server", PAGE, &OPTIONS),
        ("cluster-server", cluster::PAGE, &[]),
        ("quickstart", QUICKSTART, &[]),
    ];
    for (package, page, options) in pages {
        step(&format!("{page}: the types are up to date"), || {
            run(generate(package, page, options, Some(programs)).arg("--check"))
        })?;
        step(&format!("{page}: type-check"), || {
            run(&mut npm(page, &["run", "--silent", "check"]))
        })?;
    }
    step("the chat's page uses every event", || {
        let mut scan = program("sio-types-cli", "sio-types", Some(programs));
        scan.args(["scan", "--deny-unused", "--package", "chat-server"]);
        run(scan.arg(format!("{PAGE}/src")))
    })?;
    step("build the pages", || {
        build_page()?;
        cluster::build_page()
    })
}

/// Tests the generated functions and hooks against Socket.IO's own server.
fn test_hooks(programs: &Path) -> Result<()> {
    let mut generate = program("sio-types-cli", "sio-types", Some(programs));
    generate.args(["gen-ts", "--package", "sio-types-react-tests"]);
    generate.args(["--react", "--node", "--output"]);
    generate.arg(format!("{HOOKS}/generated/events.ts"));
    step("generate the hooks", || run(&mut generate))?;
    step("type tests", || {
        run(&mut npm(HOOKS, &["run", "--silent", "check"]))
    })?;
    step("tests of the hooks", || {
        run(&mut npm(HOOKS, &["run", "--silent", "test"]))
    })
}

fn test_in_browser(chromium: &Path, programs: &Path) -> Result<()> {
    let mut tests = command(BROWSER_TESTS, "node", &["--test"]);
    run(tests.env("CHROMIUM", chromium).env("PROGRAMS", programs))
}
