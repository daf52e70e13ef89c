//! The official client, in scripts that run under Node.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use sio_types::Parser;

use crate::repository;

/// Maximum time of a script.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(300);

/// Runs a test script of `tests/wire` against a server; panics if one of its tests fails.
pub async fn run_client(script: &str, server: SocketAddr, parser: Parser) {
    run_client_with(script, server, parser, "").await;
}

/// Runs a test script of `tests/wire` that reads `input` from the file named by `INPUT`.
pub async fn run_client_with(script: &str, server: SocketAddr, parser: Parser, input: &str) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, input).expect("the file is writable");
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
        .env("PARSER", parser_name(parser));
    let mut command = tokio::process::Command::from(command);
    // The limit of Node's test runner covers only the tests of a script, and not the code outside of them.
    let output = tokio::time::timeout(SCRIPT_TIMEOUT, command.kill_on_drop(true).output());
    let output = output.await.unwrap_or_else(|_| {
        let seconds = SCRIPT_TIMEOUT.as_secs();
        panic!("{script} against {parser:?} did not end within {seconds} s")
    });
    output.expect("node starts")
}

/// Returns the name by which the scripts know a parser.
pub fn parser_name(parser: Parser) -> String {
    format!("{parser:?}").to_lowercase()
}

/// Returns a run of Node in `tests/wire`, with a script or an option as its first argument.
pub fn node(argument: &str) -> Command {
    let directory = repository("tests/wire");
    assert!(
        directory.join("node_modules").exists(),
        "run `npm ci` in tests/wire first; `cargo xtask test` does"
    );
    let mut command = Command::new("node");
    command.current_dir(directory).arg(argument);
    command
}
