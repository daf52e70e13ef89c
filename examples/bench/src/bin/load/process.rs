//! Resource usage of a server, as reported by Linux.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// Unit of processor time in `/proc`. It has been a constant of Linux's interface for decades.
const TICKS_PER_SECOND: u32 = 100;

/// Returns the processor time that the process has used.
pub(crate) fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The process name, in parentheses, may contain any character.
    let (_, fields) = stat.rsplit_once(')').context("unknown format")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks =
        |index: usize| -> Result<u32> { Ok(fields.get(index).context("unknown format")?.parse()?) };
    let ticks = ticks(11)? + ticks(12)?;
    Ok(Duration::from_secs(ticks.into()) / TICKS_PER_SECOND)
}

/// Returns the resident memory of the process in bytes.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no such process")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
