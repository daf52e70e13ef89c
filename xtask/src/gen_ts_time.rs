//! `cargo xtask gen-ts-time`: measures the time from an edit to TypeScript, compared with a build of the same crate,
//! and with the export of ts-rs, which is a run of the crate's tests.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    compile_time::{Contender, ROUNDS, TYPES, median, write_crate},
    run::{cargo, root, run},
};

/// Number of events in a namespace. Each has one type as its argument.
const EVENTS: usize = 50;

const PAYLOADS: Contender = Contender {
    name: "events",
    attribute: "#[payload]",
    imports: "use sio_types::prelude::*;",
    dependencies: "",
};

const TS_RS: Contender = Contender {
    name: "ts-rs",
    attribute: "#[derive(Serialize, Deserialize, TS)]\n#[ts(export)]",
    imports: "use serde::{Deserialize, Serialize};\nuse ts_rs::TS;",
    dependencies: "ts-rs = { version = \"12\", features = [\"no-serde-warnings\"] }\n",
};

/// Measures each variant in turn, and prints medians and ratios.
pub(crate) fn measure() -> Result<()> {
    run(&mut cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "sio-types-cli",
    ]))?;
    let directory = root().join("target/gen-ts-time");
    write_crate(&directory, &PAYLOADS)?;
    write_crate(&directory, &TS_RS)?;
    let events = directory.join(PAYLOADS.name);
    append(&events, &namespaces()?)?;
    let ts_rs = directory.join(TS_RS.name);
    let commands = [build(&events), generate(&events), export(&ts_rs)];
    for command in commands {
        timed(command)?;
    }
    let mut edited = [Vec::new(), Vec::new(), Vec::new()];
    let mut idle = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        append(&events, &format!("\npub struct Edit{round};\n"))?;
        append(&ts_rs, &format!("\npub struct Edit{round};\n"))?;
        edited[0].push(timed(build(&events))?);
        edited[1].push(timed(generate(&events))?);
        edited[2].push(timed(export(&ts_rs))?);
        idle[0].push(timed(build(&events))?);
        idle[1].push(timed(generate(&events))?);
    }
    let [build, generate, export] = edited.map(median);
    let [build_idle, generate_idle] = idle.map(median);
    let ratio = |time: Duration| time.as_secs_f64() / build.as_secs_f64();
    println!(
        "{TYPES} types, medians of {ROUNDS}\n\
         after an edit: cargo build {build:.2?}; gen-ts {generate:.2?}, ratio {:.2}; ts-rs {export:.2?}, ratio {:.2}\n\
         nothing changed: cargo build {build_idle:.2?}; gen-ts {generate_idle:.2?}, {:.2?} more",
        ratio(generate),
        ratio(export),
        generate_idle.saturating_sub(build_idle),
    );
    Ok(())
}

/// Generates namespaces that use every type in an event.
fn namespaces() -> Result<String> {
    let mut text = String::new();
    for namespace in 0..TYPES / EVENTS {
        writeln!(text, "#[events]\npub trait Tells{namespace} {{")?;
        for number in namespace * EVENTS..(namespace + 1) * EVENTS {
            writeln!(text, "    fn event_{number}(it: Type{number});")?;
        }
        writeln!(
            text,
            "}}\n#[derive(Events)]\n\
             #[events(namespace = \"/of/{namespace}\", server_to_client = Tells{namespace})]\n\
             pub struct Namespace{namespace};"
        )?;
    }
    Ok(text)
}

fn append(directory: &Path, text: &str) -> Result<()> {
    let file = directory.join("src/lib.rs");
    let known = fs::read_to_string(&file)?;
    Ok(fs::write(&file, known + text)?)
}

fn target() -> PathBuf {
    root().join("target/gen-ts-time/target")
}

fn in_directory(program: impl AsRef<std::ffi::OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory);
    command.env("CARGO_TARGET_DIR", target());
    command
}

fn build(directory: &Path) -> Command {
    let mut command = in_directory("cargo", directory);
    command.args(["build", "--quiet"]);
    command
}

fn generate(directory: &Path) -> Command {
    let mut command = in_directory(root().join("target/release/sio-types"), directory);
    command.args(["--quiet", "gen-ts", "--output", "events.ts"]);
    command
}

fn export(directory: &Path) -> Command {
    let mut command = in_directory("cargo", directory);
    command.args(["test", "--quiet", "--lib"]);
    command.env("TS_RS_EXPORT_DIR", directory.join("bindings"));
    command.stdout(std::process::Stdio::null());
    command
}

fn timed(mut command: Command) -> Result<Duration> {
    let started = Instant::now();
    run(&mut command)?;
    Ok(started.elapsed())
}
