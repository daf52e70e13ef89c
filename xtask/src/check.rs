//! `cargo xtask check`: runs the checks that require only Rust, and are fast after the first build.

use anyhow::Result;

use crate::run::{cargo, run, step};

pub(crate) fn run_all() -> Result<()> {
    formatting()?;
    clippy()?;
    step("unit tests and layers", || {
        let arguments = ["test", "--workspace", "--all-features"];
        // Integration tests start servers and engines, and documentation tests are linked one by one, which is slow.
        let targets = ["--lib", "--bins", "--test", "layers"];
        run(cargo(&arguments).args(targets))
    })?;
    eprintln!("\nAll checks passed. `cargo xtask test` runs the integration tests.");
    Ok(())
}

pub(crate) fn formatting() -> Result<()> {
    step("formatting", || {
        run(&mut cargo(&["fmt", "--all", "--check"]))
    })
}

pub(crate) fn clippy() -> Result<()> {
    step("clippy", || {
        let arguments = ["clippy", "--workspace", "--all-targets", "--all-features"];
        run(cargo(&arguments).args(["--", "--deny", "warnings"]))
    })
}
