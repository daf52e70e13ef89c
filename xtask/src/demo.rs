//! `cargo xtask demo`: the chat example, built and served.

use anyhow::Result;

use crate::{
    run::{cargo, npm, run, step},
    setup::install_packages,
};

/// The page of the chat example.
pub(crate) const PAGE: &str = "examples/chat/page";

/// Writes the types that the page imports.
pub(crate) const GENERATE: [&str; 9] = [
    "run",
    "--quiet",
    "--package",
    "sio-types-cli",
    "--",
    "gen-ts",
    "--package=chat-server",
    "--output",
    "examples/chat/page/src/events.ts",
];

pub(crate) fn serve(port: u16) -> Result<()> {
    step("install the page's packages", || install_packages(PAGE))?;
    step("generate the page's types", || run(&mut cargo(&GENERATE)))?;
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
    let mut server = cargo(&["run", "--quiet", "--package", "chat-server"]);
    run(server.env("PORT", port.to_string()))
}

/// Bundles the page; its types are not checked by that.
pub(crate) fn build_page() -> Result<()> {
    run(&mut npm(PAGE, &["run", "--silent", "build"]))
}
