//! `cargo xtask compile-time`: measures the cost of `#[payload]` at each `cargo check`, compared with serde's derives.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::run::{root, run};

pub(crate) const TYPES: usize = 500;
pub(crate) const ROUNDS: usize = 5;

/// A way to write the types.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) attribute: &'static str,
    pub(crate) imports: &'static str,
    pub(crate) dependencies: &'static str,
}

const CONTENDERS: [Contender; 2] = [
    Contender {
        name: "serde",
        attribute: "#[derive(Serialize, Deserialize)]",
        imports: "use serde::{Deserialize, Serialize};",
        dependencies: "",
    },
    Contender {
        name: "payload",
        attribute: "#[payload]",
        imports: "use sio_types::prelude::*;",
        dependencies: "",
    },
];

/// Checks a crate of many types after an edit, in each variant in turn. Prints the medians and their ratio.
pub(crate) fn measure() -> Result<()> {
    let directory = root().join("target/compile-time");
    let mut times = CONTENDERS.map(|_| Vec::new());
    for contender in &CONTENDERS {
        write_crate(&directory, contender)?;
        check(&directory.join(contender.name))?;
    }
    for round in 0..ROUNDS {
        for (contender, times) in CONTENDERS.iter().zip(&mut times) {
            let directory = directory.join(contender.name);
            let file = directory.join("src/lib.rs");
            let text = fs::read_to_string(&file)?;
            fs::write(&file, format!("{text}\npub struct Edit{round};\n"))?;
            times.push(check(&directory)?);
        }
    }
    let [serde, payload] = times.map(median);
    println!(
        "`cargo check` after an edit, {TYPES} types, median of {ROUNDS}: \
         serde {serde:.2?}, #[payload] {payload:.2?}, ratio {:.2}",
        payload.as_secs_f64() / serde.as_secs_f64()
    );
    Ok(())
}

pub(crate) fn write_crate(directory: &Path, contender: &Contender) -> Result<()> {
    let directory = directory.join(contender.name);
    fs::create_dir_all(directory.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"types-by-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         sio-types = {{ path = {:?} }}\n{}",
        contender.name,
        root().join("runtime"),
        contender.dependencies,
    );
    fs::write(directory.join("Cargo.toml"), manifest)?;
    fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock"))?;
    fs::write(directory.join("src/lib.rs"), types(contender)?)?;
    Ok(())
}

/// Generates structs and enums that refer to each other, like those of an application.
fn types(contender: &Contender) -> Result<String> {
    let Contender {
        attribute, imports, ..
    } = contender;
    let mut text = format!("#![allow(dead_code, unused_imports)]\n{imports}\n");
    for number in 0..TYPES {
        let first = number / 5 * 5;
        if number == first {
            writeln!(
                text,
                "/// One of several.\n{attribute}\n\
                 #[serde(tag = \"kind\", content = \"content\", rename_all = \"camelCase\")]\n\
                 pub enum Type{number} {{\n    Number(u32),\n    Text(String),\n    Nothing,\n    \
                 Other(bool, i64),\n    Several {{ first: u8, rest: Vec<f64> }},\n}}"
            )?;
        } else {
            writeln!(
                text,
                "/// Something of which there are many.\n{attribute}\n\
                 #[serde(rename_all = \"camelCase\")]\npub struct Type{number} {{\n    \
                 /// Who it is.\n    pub id: String,\n    pub display_name: String,\n    \
                 pub count: u32,\n    pub tags: Vec<String>,\n    \
                 #[serde(skip_serializing_if = \"Option::is_none\")]\n    pub note: Option<String>,\n    \
                 pub parent: Option<Box<Type{first}>>,\n    #[serde(default)]\n    \
                 pub children: Vec<Type{first}>,\n}}"
            )?;
        }
    }
    Ok(text)
}

fn check(directory: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut command = Command::new("cargo");
    command
        .current_dir(directory)
        .args(["check", "--quiet", "--target-dir"])
        .arg(root().join("target/compile-time/target"));
    run(&mut command).context("the crate of many types")?;
    Ok(started.elapsed())
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
