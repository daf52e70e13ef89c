//! `cargo xtask cluster`: three servers that are one application, and a worker on Node's own server.

use std::{
    env,
    net::TcpListener,
    process::{Child, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    demo::generate,
    run::{cargo, command, npm, program, programs, run, step},
    running::Running,
    setup::{engines, install_packages},
};

/// The page and the worker of the cluster example.
pub(crate) const PAGE: &str = "examples/cluster/page";

pub(crate) fn serve(first_port: u16) -> Result<()> {
    let programs = programs();
    step("install the page's packages", || install_packages(PAGE))?;
    step("generate the types", || {
        run(&mut generate(
            "cluster-server",
            PAGE,
            &[],
            programs.as_deref(),
        ))
    })?;
    step("build the page and the worker", build_page)?;
    step("build the server", || {
        // Three are started at once, and one has to build.
        match programs {
            Some(_) => Ok(()),
            None => run(&mut cargo(&["build", "--package", "cluster-server"])),
        }
    })?;
    let mut running = Running::default();
    let redis = match env::var("REDIS_URL") {
        Ok(url) => url,
        Err(_) => {
            let (url, process) = start_redis()?;
            running.add(process);
            url
        }
    };
    let ports: Vec<_> = (first_port..first_port + 3).collect();
    let peers = ports
        .iter()
        .map(u16::to_string)
        .collect::<Vec<_>>()
        .join(",");
    for (name, port) in ["north", "south", "west"].into_iter().zip(&ports) {
        let mut server = program("cluster-server", "cluster-server", programs.as_deref());
        server
            .env("NAME", name)
            .env("PORT", port.to_string())
            .env("PEERS", &peers)
            .env("REDIS_URL", &redis);
        running.start(&mut server)?;
    }
    let mut worker = command(PAGE, "node", &["worker/dist/worker.js"]);
    running.start(worker.env("REDIS_URL", &redis))?;
    eprintln!(
        "\nThree servers are one application on http://localhost:{first_port}; Ctrl+C ends them.\n"
    );
    running.wait()
}

/// Bundles the page and the worker; their types are not checked by that.
pub(crate) fn build_page() -> Result<()> {
    run(&mut npm(PAGE, &["run", "--silent", "build"]))
}

/// A Redis that keeps nothing, on a free port.
pub(crate) fn start_redis() -> Result<(String, Child)> {
    engines()?;
    start_installed_redis()
}

/// The same, where Redis is installed.
pub(crate) fn start_installed_redis() -> Result<(String, Child)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let port = port.to_string();
    let arguments = ["--port", &port, "--save", "", "--appendonly", "no"];
    let mut redis = command("", "redis-server", &arguments);
    let process = redis.stdout(Stdio::null()).spawn();
    let url = format!("redis://127.0.0.1:{port}");
    Ok((url, process.context("redis-server")?))
}
