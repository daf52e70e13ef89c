//! `cargo xtask cluster`: runs three servers of one application, and a worker on Node.js's own server.

use std::{
    collections::BTreeSet,
    env,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    demo::generate,
    processes::{ProcessGroup, Running},
    run::{cargo, command, npm, program, programs, run, step},
    setup::{engines, install_packages},
};

/// Directory of the cluster example's page and worker.
pub(crate) const PAGE: &str = "examples/cluster/page";

const SERVERS: [&str; 3] = ["north", "south", "west"];
/// Name of the worker.
const WORKER: &str = "worker";
/// Maximum time for the servers and the worker to find each other, on a busy machine.
const STARTUP: Duration = Duration::from_secs(120);

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
        // Builds once, before the three servers start together.
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
    for (name, port) in SERVERS.into_iter().zip(&ports) {
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
    wait_for_members(&mut running, &ports)?;
    let names = SERVERS.join(", ");
    println!(
        "ready: {names} and the {WORKER} are one application on http://localhost:{first_port}; Ctrl+C ends them"
    );
    running.wait()
}

/// Waits until each server knows all members of the cluster.
fn wait_for_members(running: &mut Running, ports: &[u16]) -> Result<()> {
    let all: BTreeSet<_> = SERVERS.into_iter().chain([WORKER]).collect();
    let deadline = Instant::now() + STARTUP;
    for port in ports {
        loop {
            running.check()?;
            let answer = get(*port, "/members");
            let members: Vec<String> = answer
                .as_deref()
                .ok()
                .and_then(|body| serde_json::from_str(body).ok())
                .unwrap_or_default();
            if members.iter().map(String::as_str).eq(all.iter().copied()) {
                break;
            }
            ensure!(
                Instant::now() < deadline,
                "the cluster is not complete after {} s: the server on port {port} answers {answer:?} \
                 instead of {all:?}",
                STARTUP.as_secs()
            );
            thread::sleep(Duration::from_millis(100));
        }
    }
    Ok(())
}

/// Returns the body of an HTTP response.
fn get(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (_, body) = response.split_once("\r\n\r\n").context("no response")?;
    Ok(body.to_owned())
}

/// Bundles the page and the worker without checking their types.
pub(crate) fn build_page() -> Result<()> {
    run(&mut npm(PAGE, &["run", "--silent", "build"]))
}

/// Starts a Redis without persistence on a free port, and installs Redis if necessary.
pub(crate) fn start_redis() -> Result<(String, ProcessGroup)> {
    engines()?;
    start_installed_redis()
}

/// Does the same, but requires an installed Redis.
pub(crate) fn start_installed_redis() -> Result<(String, ProcessGroup)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let port = port.to_string();
    let arguments = ["--port", &port, "--save", "", "--appendonly", "no"];
    let mut redis = command("", "redis-server", &arguments);
    let process = ProcessGroup::spawn(redis.stdout(Stdio::null()));
    let url = format!("redis://127.0.0.1:{port}");
    Ok((url, process.context("redis-server")?))
}
