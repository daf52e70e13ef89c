//! `cargo xtask demo`: the chat example, built and served.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{
    run::{cargo, npm, program, programs, run, step},
    setup::install_packages,
};

/// The page of the chat example.
pub(crate) const PAGE: &str = "examples/chat/page";

pub(crate) fn serve(port: u16) -> Result<()> {
    step("install the page's packages", || install_packages(PAGE))?;
    step("generate the page's types", || {
        run(&mut generate("chat-server", PAGE, programs().as_deref()))
    })?;
    step("build the page", build_page)?;
    step("build the server", || {
        run(&mut cargo(&["build", "--package", "chat-server"]))
    })?;
    let address = match port {
        0 => "the address below".to_owned(),
        port => format!("http://localhost:{port}"),
    };
    eprintln!(
        "\nThe chat is served on {address}; Ctrl+C ends it.\n\
         Sign in as `ada-token` (an administrator), `grace-token` or `edsger-token`.\n"
    );
    let mut server = program("chat-server", "chat-server", programs().as_deref());
    run(server.env("PORT", port.to_string()))
}

/// Writes the types that a page imports.
pub(crate) fn generate(package: &str, page: &str, programs: Option<&Path>) -> Command {
    let mut gen_ts = program("sio-types-cli", "sio-types", programs);
    gen_ts.arg("gen-ts");
    gen_ts.args(["--package", package, "--output"]);
    gen_ts.arg(format!("{page}/src/events.ts"));
    gen_ts
}

/// Bundles the page; its types are not checked by that.
pub(crate) fn build_page() -> Result<()> {
    run(&mut npm(PAGE, &["run", "--silent", "build"]))
}
