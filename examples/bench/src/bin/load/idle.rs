//! Connections that are opened at the same time and then stay idle.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    Target,
    connection::Connections,
    process::{cpu_time, memory},
};

pub(crate) fn measure(target: &Target, connections: usize, window: usize) -> Result<Value> {
    // One connection first, so that one-time allocations are not measured.
    let mut all = Connections::new()?;
    all.open(target.server()?, target.dialect, 1, 1)?;
    thread::sleep(Duration::from_millis(300));
    let (before, cpu, began) = (memory(target.pid)?, cpu_time(target.pid)?, Instant::now());
    all.open(target.server()?, target.dialect, connections, window)?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_time(target.pid)? - cpu);
    thread::sleep(Duration::from_secs(1));
    let connections = (all.len() - 1) as f64;
    Ok(json!({
        "connections_per_second": connections / seconds,
        "cpu_microseconds": cpu.as_secs_f64() * 1e6 / connections,
        "bytes_per_connection": memory(target.pid)?.saturating_sub(before) as f64 / connections,
    }))
}
