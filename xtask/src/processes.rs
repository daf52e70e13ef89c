//! Child processes that never outlive `cargo xtask`.
//!
//! Each child leads its own process group, so that a signal also reaches the processes that the child starts: `npm`
//! starts `node`, a shell starts a server. SIGINT, SIGTERM and SIGHUP end every group before `cargo xtask` itself ends.

use std::{
    io,
    process::{Child, Command, ExitStatus, Output, Stdio, exit},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Time for processes to end after a signal before they are killed. A server drains its connections meanwhile.
const GRACE: Duration = Duration::from_secs(5);
/// The exit status of an interrupted program, as shells report it.
const INTERRUPTED: i32 = 130;

/// The running groups. A child is spawned under this lock, and the signal handler never releases it: no child starts
/// after the handler has begun.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn groups() -> MutexGuard<'static, Vec<u32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs a handler for SIGINT, SIGTERM and SIGHUP that ends all groups, then this process.
pub(crate) fn handle_signals() -> Result<()> {
    let handler = || {
        let groups = groups();
        end_groups(&groups);
        // Still under the lock: the main thread sees its children end and must not report that as a failure.
        exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler).context("the signal handler")
}

/// A child process and everything that it starts. Dropping it ends all of them.
#[derive(Debug)]
pub(crate) struct ProcessGroup(Child);

impl ProcessGroup {
    /// Starts a program without input: a background process group that reads from the terminal would be stopped.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        command.stdin(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut groups = groups();
        let child = command.spawn()?;
        groups.push(child.id());
        Ok(Self(child))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Waits until the child ends.
    pub(crate) fn wait(mut self) -> io::Result<ExitStatus> {
        self.0.wait()
    }

    /// Waits until the child ends, and returns its output on a piped stdout.
    pub(crate) fn wait_with_output(mut self) -> io::Result<Output> {
        let mut stdout = Vec::new();
        if let Some(mut pipe) = self.0.stdout.take() {
            io::copy(&mut pipe, &mut stdout)?;
        }
        Ok(Output {
            status: self.0.wait()?,
            stdout,
            stderr: Vec::new(),
        })
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        let id = self.id();
        groups().retain(|group| *group != id);
        end_groups(&[id]);
        // Reaps the child, unless `end_groups` has done so.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks all processes of the groups to end, and kills those that do not end in time.
#[cfg(unix)]
fn end_groups(groups: &[u32]) {
    use nix::sys::signal::Signal;

    let mut left = groups.to_vec();
    left.retain(|group| signal_group(*group, Some(Signal::SIGTERM)));
    let deadline = Instant::now() + GRACE;
    while !left.is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(10));
        left.retain(|group| {
            reap_group(*group);
            signal_group(*group, None)
        });
    }
    for group in left {
        signal_group(group, Some(Signal::SIGKILL));
        reap_group(group);
    }
}

/// Sends a signal, or only checks the group without one. Returns `false` if the group has no processes left.
#[cfg(unix)]
fn signal_group(group: u32, signal: Option<nix::sys::signal::Signal>) -> bool {
    let group = nix::unistd::Pid::from_raw(group.cast_signed());
    nix::sys::signal::killpg(group, signal).is_ok()
}

/// Reaps the processes of a group: a process that has ended counts as a member of its group until then.
#[cfg(unix)]
fn reap_group(group: u32) {
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};

    let group = nix::unistd::Pid::from_raw(-group.cast_signed());
    while let Ok(status) = waitpid(group, Some(WaitPidFlag::WNOHANG)) {
        if status == WaitStatus::StillAlive {
            break;
        }
    }
}

/// Without process groups, only the children end, which `ProcessGroup::drop` kills.
#[cfg(not(unix))]
fn end_groups(_: &[u32]) {
    let _ = (GRACE, Instant::now, thread::yield_now);
}

/// Programs that run at the same time. Dropping this ends all of them.
#[derive(Debug, Default)]
pub(crate) struct Running(Vec<ProcessGroup>);

impl Running {
    pub(crate) fn start(&mut self, command: &mut Command) -> Result<()> {
        let program = command.get_program().to_string_lossy().into_owned();
        self.add(ProcessGroup::spawn(command).context(program)?);
        Ok(())
    }

    pub(crate) fn add(&mut self, process: ProcessGroup) {
        self.0.push(process);
    }

    /// Fails if one of the programs has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        for process in &mut self.0 {
            if let Some(status) = process.child().try_wait()? {
                bail!("one of the programs ended, with {status}");
            }
        }
        Ok(())
    }

    /// Waits for a signal. Fails if one of the programs ends.
    pub(crate) fn wait(mut self) -> Result<()> {
        loop {
            self.check()?;
            thread::sleep(Duration::from_millis(200));
        }
    }
}
