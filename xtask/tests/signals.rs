//! A signal to `cargo xtask` ends all processes that it has started.
//!
//! Scripts replace cargo, npm, node and the servers, so that the test builds nothing. Each script that keeps running
//! starts a child process and waits for it, like `npm` with `node`.
#![cfg(target_os = "linux")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Ends immediately.
const DONE: &str = "#!/bin/sh\nexit 0\n";
/// Keeps running with its child process.
const STAYS: &str = "#!/bin/sh\nsleep 600 &\nwait\n";
/// Keeps running if it is asked to run a program, and ends immediately if it is asked to build one.
const RUNS: &str = "#!/bin/sh\ncase \"$*\" in\n*gen-ts*) ;;\nrun*) sleep 600 & wait ;;\nesac\n";
/// Keeps running, and ignores SIGTERM.
const STUBBORN: &str = "#!/bin/sh\ntrap '' TERM\nsleep 600 &\nwait\n";

/// Creates a directory with the scripts, for the `PATH` of a task.
fn programs(scripts: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, script) in scripts {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("in the directory")).expect("ours");
        fs::write(&path, script).expect("ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    }
    directory
}

fn start(task: &[&str], programs: &Path) -> Child {
    let path = std::env::var("PATH").expect("a PATH");
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask
        .args(task)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("CARGO_TARGET_DIR", programs)
        // Identifies the processes of this test.
        .env("XTASK_SIGNALS_TEST", programs)
        .env_remove("PROGRAMS")
        .env_remove("REDIS_URL")
        .stdout(Stdio::null())
        .stderr(fs::File::create(programs.join("stderr")).expect("ours"));
    xtask.spawn().expect("it starts")
}

/// Returns the processes that a task has started, with their arguments, in any process group.
fn started(task: &Child, programs: &Path) -> Vec<String> {
    let mark = format!("XTASK_SIGNALS_TEST={}", programs.display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("Linux").flatten() {
        let name = entry.file_name();
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        let is_marked = variables.any(|variable| variable == mark.as_bytes());
        if is_marked && name.to_string_lossy() != task.id().to_string() {
            let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
            found.push(format!("{} {arguments}", name.to_string_lossy()));
        }
    }
    found
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> Result<(), String>) {
    let deadline = Instant::now() + TIMEOUT;
    while let Err(found) = is_so() {
        assert!(Instant::now() < deadline, "{what}: {found}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Starts a task, waits until `staying` of its processes keep running, and sends a signal to the task. Asserts that all
/// of them end.
#[track_caller]
fn ends_all(task: &[&str], scripts: &[(&str, &str)], staying: usize, signal: Signal) {
    let programs = programs(scripts);
    let mut xtask = start(task, programs.path());
    until("the task has started its programs", || {
        let found = started(&xtask, programs.path());
        let sleeping = found.iter().filter(|it| it.contains("sleep 600")).count();
        if sleeping == staying {
            return Ok(());
        }
        let said = fs::read_to_string(programs.path().join("stderr"));
        Err(format!("{:?}, {found:?}\n{said:?}", xtask.try_wait()))
    });
    kill(Pid::from_raw(xtask.id().cast_signed()), signal).expect("it runs");
    until("the task ends", || match xtask.try_wait() {
        Ok(Some(_)) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    // Killed processes may take a moment to end.
    until("nothing is left of it", || {
        let found = started(&xtask, programs.path());
        found.is_empty().then_some(()).ok_or(format!("{found:?}"))
    });
}

const SERVERS: [(&str, &str); 4] = [
    ("npm", DONE),
    ("cargo", RUNS),
    ("node", STAYS),
    ("redis-server", STAYS),
];

#[test]
fn demo() {
    // Redis and two servers.
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        ends_all(&["demo"], &SERVERS, 3, signal);
    }
}

#[test]
fn cluster() {
    // Redis, three servers and the worker.
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        ends_all(&["cluster"], &SERVERS, 5, signal);
    }
}

#[test]
fn soak() {
    let scripts = [
        ("npm", DONE),
        ("cargo", DONE),
        ("redis-server", DONE),
        ("initdb", DONE),
        ("release/soak", STAYS),
    ];
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        ends_all(&["soak"], &scripts, 1, signal);
    }
}

#[test]
fn a_step_before_the_servers() {
    ends_all(
        &["demo"],
        &[("npm", DONE), ("cargo", STAYS)],
        1,
        Signal::SIGTERM,
    );
}

#[test]
fn programs_that_do_not_end_by_themselves() {
    ends_all(
        &["demo"],
        &[("npm", DONE), ("cargo", STUBBORN)],
        1,
        Signal::SIGTERM,
    );
}
