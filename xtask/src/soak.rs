//! `cargo xtask soak`: runs clients of several servers for a long time, with a fault every minute.

use std::env;

use anyhow::{Result, ensure};

use crate::{
    run::{cargo, command, root, run, step},
    setup::{engines, install_packages},
};

/// Results of the last run.
const RESULTS: &str = "examples/soak/results.json";

/// Each client needs an open file on both sides.
const UNLIMITED: &str = r#"ulimit -n "$(ulimit -Hn)" && exec "$@""#;

/// Runs the soak test, and fails if a guarantee was violated.
pub(crate) fn run_for(minutes: f64, clients: u32) -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "the soak needs Linux");
    step("install the packages", || install_packages("tests/wire"))?;
    step("find Redis", engines)?;
    step("build the servers and the clients", || {
        let build = ["build", "--release", "--package", "sio-types-soak"];
        run(&mut cargo(&build))
    })?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    step("soak", || {
        let mut soak = command("", "sh", &["-c", UNLIMITED, "sh"]);
        soak.arg(target.join("release/soak"));
        soak.args(["--minutes", &minutes.to_string()]);
        soak.args(["--clients", &clients.to_string()]);
        run(soak.args(["--output", RESULTS]))
    })
}
