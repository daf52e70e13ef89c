//! `cargo xtask book`: the guides as a static site.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::run::{cargo, root, run, step};

/// Version of mdBook that is installed if the `PATH` has no mdBook.
const VERSION: &str = "0.5.4";

/// Builds the site in `target/book`, or serves it and rebuilds it after every change.
pub(crate) fn build(serve: bool) -> Result<()> {
    let mdbook = step("find mdBook", mdbook)?;
    let mut command = Command::new(mdbook);
    command
        .current_dir(root())
        .arg(if serve { "serve" } else { "build" });
    step("book", || run(&mut command))?;
    eprintln!("\n    {}", root().join("target/book/index.html").display());
    Ok(())
}

fn mdbook() -> Result<PathBuf> {
    let is_installed = Command::new("mdbook").arg("--version").output();
    if is_installed.is_ok_and(|output| output.status.success()) {
        return Ok("mdbook".into());
    }
    let tools = root().join("target/tools");
    let program = tools
        .join("bin")
        .join(format!("mdbook{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let arguments = ["install", "--locked", "--version", VERSION, "--root"];
        run(cargo(&arguments).arg(&tools).arg("mdbook"))?;
    }
    Ok(program)
}
