//! Description of the machine and of the measured versions.

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

use super::DIRECTORY;
use crate::run::{command, output, root};

pub(super) fn describe() -> Result<Value> {
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = cpu
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    Ok(json!({
        "processor": model.map(|(_, model)| model),
        "cores": cores,
        "kernel": output(&mut command("", "uname", &["-sr"]))?,
        "rustc": output(&mut command("", "rustc", &["--version"]))?,
        "node": output(&mut command("", "node", &["--version"]))?,
        "socketioxide": locked("socketioxide")?,
        "engineioxide": locked("engineioxide")?,
        "tokio": locked("tokio")?,
        "socket.io": installed("socket.io")?,
        "ws": installed("ws")?,
    }))
}

/// Returns the version of a crate in `Cargo.lock`.
fn locked(name: &str) -> Result<Option<String>> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let entry = lock
        .split("[[package]]")
        .find(|entry| entry.contains(&format!("\nname = \"{name}\"\n")));
    let version = entry.and_then(|entry| entry.split("\nversion = \"").nth(1)?.split('"').next());
    Ok(version.map(str::to_owned))
}

/// Returns the version of an installed npm package.
fn installed(name: &str) -> Result<Value> {
    let manifest = root()
        .join(DIRECTORY)
        .join("node_modules")
        .join(name)
        .join("package.json");
    let manifest: Value = serde_json::from_slice(&fs::read(manifest)?)?;
    Ok(manifest["version"].clone())
}
