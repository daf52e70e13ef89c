//! Commands with a deadline.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Maximum time of a command, which may build all dependencies on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

/// A running command. It is killed when this is dropped.
#[derive(Debug)]
pub struct RunningCommand {
    child: Child,
    name: String,
    started: Instant,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
}

impl RunningCommand {
    /// Starts a command without input.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        Self::start_with(command, Vec::new())
    }

    /// Starts a command that reads `input`.
    #[track_caller]
    pub fn start_with(command: &mut Command, input: Vec<u8>) -> Self {
        let has_input = !input.is_empty();
        command.stdin(if has_input {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let name = format!("{command:?}");
        let started = Instant::now();
        let spawned = command.spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        if let Some(mut stdin) = child.stdin.take() {
            // Writes on a thread of its own, because a command that does not read its input would block the test.
            // Errors are ignored: the command may have ended.
            thread::spawn(move || _ = stdin.write_all(&input));
        }
        Self {
            stdout: read(child.stdout.take().unwrap()),
            stderr: read(child.stderr.take().unwrap()),
            child,
            name,
            started,
        }
    }

    /// Waits for the end of the command; panics if it runs for more than 10 minutes.
    #[track_caller]
    pub fn output(self) -> Output {
        self.output_within(LIMIT)
    }

    /// Waits for the end of the command; panics if it runs for more than `limit`.
    #[track_caller]
    pub fn output_within(mut self, limit: Duration) -> Output {
        let end = self.started + limit;
        let left = || end.saturating_duration_since(Instant::now());
        let late = || format!("{} runs for more than {limit:?}", self.name);
        let stdout = self.stdout.recv_timeout(left());
        let stdout = stdout.unwrap_or_else(|_| panic!("{}", late()));
        let stderr = self.stderr.recv_timeout(left());
        let stderr = stderr.unwrap_or_else(|_| panic!("{}", late()));
        // Both streams have ended, and usually the command with them.
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Output {
                    status,
                    stdout,
                    stderr,
                };
            }
            assert!(!left().is_zero(), "{}", late());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for RunningCommand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command; panics if that takes more than 10 minutes.
#[track_caller]
pub fn output(command: &mut Command) -> Output {
    RunningCommand::start(command).output()
}

/// Runs a command, and returns its standard output; panics if it fails.
#[track_caller]
pub fn run(command: &mut Command) -> String {
    let output = output(command);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{text}{errors}");
    text
}

/// Sends a signal, such as `-TERM`, to processes.
pub fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(ToString::to_string);
    run(Command::new("kill").arg(name).args(processes));
}

/// Reads a stream to its end on a new thread.
fn read(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, whole) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        // The test may be over.
        let _ = sender.send(bytes);
    });
    whole
}
