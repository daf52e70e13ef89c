//! `cargo xtask demo`: builds and serves the chat example.

use std::{env, path::Path, process::Command};

use anyhow::Result;

use crate::{
    cluster::start_installed_redis,
    processes::Running,
    run::{cargo, npm, program, programs, run, step},
    setup::{install_packages, on_path},
};

/// Directory of the chat example's page.
pub(crate) const PAGE: &str = "examples/chat/page";

/// Options of `gen-ts` for the hooks that the page uses.
pub(crate) const OPTIONS: [&str; 1] = ["--react"];

pub(crate) fn serve(port: u16) -> Result<()> {
    let programs = programs();
    let programs = programs.as_deref();
    step("install the page's packages", || install_packages(PAGE))?;
    step("generate the page's types", || {
        run(&mut generate("chat-server", PAGE, &OPTIONS, programs))
    })?;
    step("build the page", build_page)?;
    step("build the server", || {
        run(&mut cargo(&["build", "--package", "chat-server"]))
    })?;
    let mut running = Running::default();
    let server = |name: &str, port: u16, cluster: &str| {
        let mut server = program("chat-server", "chat-server", programs);
        server.env("PORT", port.to_string());
        server.env("NAME", name).env("CLUSTER_URL", cluster);
        server
    };
    match redis(&mut running)? {
        Some(redis) => {
            running.start(&mut server("north", port, &redis))?;
            let second = if port == 0 { 0 } else { port + 1 };
            running.start(&mut server("south", second, &redis))?;
            eprintln!(
                "\nThe chat is served by two servers, {} and {}; Ctrl+C ends them.",
                address(port),
                address(second)
            );
        }
        None => {
            running.start(&mut server("alone", port, "memory://"))?;
            eprintln!(
                "\nThe chat is served on {}; Ctrl+C ends it. With `redis-server` on the PATH, or `REDIS_URL`, \
                 there would be two servers.",
                address(port)
            );
        }
    }
    eprintln!(
        "Sign in with `ada-key` (an administrator), `grace-key`, `edsger-key` or `barbara-key`.\n"
    );
    running.wait()
}

fn redis(running: &mut Running) -> Result<Option<String>> {
    if let Ok(url) = env::var("REDIS_URL") {
        return Ok(Some(url));
    }
    if on_path("redis-server").is_none() {
        return Ok(None);
    }
    let (url, process) = start_installed_redis()?;
    running.add(process);
    Ok(Some(url))
}

fn address(port: u16) -> String {
    match port {
        0 => "an address below".to_owned(),
        port => format!("http://localhost:{port}"),
    }
}

/// Returns the command that generates the types that a page imports.
pub(crate) fn generate(
    package: &str,
    page: &str,
    options: &[&str],
    programs: Option<&Path>,
) -> Command {
    let mut gen_ts = program("sio-types-cli", "sio-types", programs);
    gen_ts.arg("gen-ts").args(options);
    gen_ts.args(["--package", package, "--output"]);
    gen_ts.arg(format!("{page}/src/events.ts"));
    gen_ts
}

/// Bundles the page without checking its types.
pub(crate) fn build_page() -> Result<()> {
    run(&mut npm(PAGE, &["run", "--silent", "build"]))
}
