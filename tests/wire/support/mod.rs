//! A server on a free port, and the official client under Node against it.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "every test uses a part of it"
)]

pub mod logs;

use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use sio_types::{Builder, Parser, SocketIo};

/// How long to wait for what takes a moment on an idle machine; a busy one may be much slower.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a script may run.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(300);

/// A running server; it ends with the test's runtime.
pub struct Server {
    pub address: SocketAddr,
    pub io: SocketIo,
}

/// Serves what `mount` mounts.
pub async fn serve(builder: Builder, mount: impl FnOnce(&SocketIo)) -> Server {
    serve_on(0, builder, mount).await
}

/// The same on a port.
pub async fn serve_on(port: u16, builder: Builder, mount: impl FnOnce(&SocketIo)) -> Server {
    let (layer, io) = builder.build_layer();
    mount(&io);
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { address, io }
}

/// Runs one script of `tests/wire` to its end; every failed check of it fails the test.
pub async fn run_client(script: &str, server: SocketAddr, parser: Parser) {
    run_client_with(script, server, parser, "").await;
}

/// The same, with something for the script to read: `INPUT`, the path of a file.
pub async fn run_client_with(script: &str, server: SocketAddr, parser: Parser, input: &str) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, input).expect("the file is ours");
    let output = client(script, server, parser, file.path()).await;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{script} against {parser:?}:\n{stdout}\n{stderr}"
    );
    // A script that checks nothing must not pass.
    let passed = stdout
        .lines()
        .find_map(|line| line.strip_prefix("# pass "))
        .and_then(|count| count.trim().parse::<u32>().ok());
    assert!(
        passed.is_some_and(|count| count > 0),
        "{script} ran no check:\n{stdout}\n{stderr}"
    );
    println!("{stdout}");
}

async fn client(script: &str, server: SocketAddr, parser: Parser, input: &Path) -> Output {
    let mut command = node("--test-reporter=tap");
    command
        .args([
            "--test-timeout=60000",
            "--test-force-exit",
            "--test",
            script,
        ])
        .env("INPUT", input)
        .env("SERVER", format!("http://{server}"))
        .env("PARSER", format!("{parser:?}").to_lowercase());
    let mut command = tokio::process::Command::from(command);
    // Node's own limit is one of tests, not of what a script does outside of them.
    let output = tokio::time::timeout(SCRIPT_TIMEOUT, command.kill_on_drop(true).output());
    let output = output.await.unwrap_or_else(|_| {
        let seconds = SCRIPT_TIMEOUT.as_secs();
        panic!("{script} against {parser:?} did not end within {seconds} s")
    });
    output.expect("node starts")
}

/// Waits until a condition holds, or panics with what did not come about.
pub async fn until(otherwise: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "{otherwise} after {} s", PATIENCE.as_secs());
}

/// Node in `tests/wire`, where its packages are.
pub fn node(argument: &str) -> Command {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let directory = above
        .find_map(|directory| Some(directory.join("tests/wire")).filter(|it| it.exists()))
        .expect("a package of the workspace");
    assert!(
        directory.join("node_modules").exists(),
        "run `npm ci` in tests/wire first; `cargo xtask test` does"
    );
    let mut command = Command::new("node");
    command.current_dir(directory).arg(argument);
    command
}
