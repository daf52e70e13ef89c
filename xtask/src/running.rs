//! Programs that run side by side, and end with this one.

use std::{
    process::{Child, Command},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

#[derive(Default)]
pub(crate) struct Running(Vec<Child>);

impl Running {
    pub(crate) fn start(&mut self, command: &mut Command) -> Result<()> {
        let program = command.get_program().to_string_lossy().into_owned();
        self.add(command.spawn().context(program)?);
        Ok(())
    }

    pub(crate) fn add(&mut self, process: Child) {
        self.0.push(process);
    }

    /// Waits until one of them ends, which none should.
    pub(crate) fn wait(mut self) -> Result<()> {
        loop {
            for child in &mut self.0 {
                if let Some(status) = child.try_wait()? {
                    bail!("one of the programs ended, with {status}");
                }
            }
            thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
