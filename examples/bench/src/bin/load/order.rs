//! Numbered events of one socket, as fast as the connection accepts them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    Target,
    connection::{Connections, Frame, Outbox, Script},
    packets::Dialect,
    process::cpu_time,
};

/// Number of events that are sent before the server is asked how many it received.
const BATCH: u64 = 5_000;

pub(crate) fn measure(target: &Target, messages: u64) -> Result<Value> {
    let mut all = Connections::new()?;
    all.open(target.server()?, target.dialect, 1, 1)?;
    let mut script = Numbers {
        dialect: target.dialect,
        sent: 0,
        messages,
        late: None,
    };
    let (began, cpu) = (Instant::now(), cpu_time(target.pid)?);
    let batch = script.batch()?;
    all.send(0, &batch)?;
    all.run(&mut script, began + Duration::from_secs(300))?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_time(target.pid)? - cpu);
    let late = script.late;
    ensure!(late.is_some(), "the server has lost some of them");
    Ok(json!({
        "messages_per_second": messages as f64 / seconds,
        "cpu_microseconds": cpu.as_secs_f64() * 1e6 / messages as f64,
        "late": late,
    }))
}

struct Numbers {
    dialect: Dialect,
    sent: u64,
    messages: u64,
    late: Option<u64>,
}

impl Numbers {
    /// Returns the next events, and an event that asks how many the server received and how many of them were late.
    fn batch(&mut self) -> Result<Vec<u8>> {
        let mut batch = Vec::new();
        let end = (self.sent + BATCH).min(self.messages);
        for number in self.sent..end {
            batch.extend(self.dialect.event("number", &number, None)?);
        }
        self.sent = end;
        batch.extend(self.ask()?);
        Ok(batch)
    }

    fn ask(&self) -> Result<Vec<u8>> {
        self.dialect.event("numbers", &(), Some(0))
    }
}

impl Script for Numbers {
    fn receive(&mut self, _: usize, frame: Frame<'_>, outbox: &mut Outbox<'_>) -> Result<()> {
        // `430[[seen,late]]`
        let Some(answer) = frame.payload().strip_prefix(b"430") else {
            return Ok(());
        };
        let [(seen, late)]: [(u64, u64); 1] = serde_json::from_slice(answer)?;
        if seen < self.sent {
            outbox.answer(&self.ask()?);
        } else if self.sent < self.messages {
            outbox.answer(&self.batch()?);
        } else {
            self.late = Some(late);
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.late.is_some()
    }
}
