//! Relay: events from a client of one server to a client of another.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::{
    Target,
    connection::{Connections, Frame, Outbox, Script},
    packets::{Dialect, Received},
    process::cpu_time,
};

const SPEAKER: usize = 0;

pub(crate) fn measure(target: &Target, in_flight: usize) -> Result<Value> {
    let [first, second] = target.servers[..] else {
        bail!("it takes two --server");
    };
    let mut all = Connections::new()?;
    all.open(first, target.dialect, 1, 1)?;
    all.open(second, target.dialect, 1, 1)?;
    let mut script = Relay {
        dialect: target.dialect,
        request: target
            .dialect
            .event("say", &"what one says, the other hears", None)?,
        started: VecDeque::new(),
        times: Histogram::new(3)?,
    };
    // Two servers need a moment to discover each other. Events that are sent before are lost.
    let deadline = Instant::now() + Duration::from_secs(20);
    while script.times.is_empty() {
        ensure!(Instant::now() < deadline, "the second server hears nothing");
        script.started = VecDeque::from([Instant::now()]);
        all.send(SPEAKER, &script.request)?;
        all.run(&mut script, Instant::now() + Duration::from_millis(300))?;
    }
    for _ in 1..in_flight {
        script.started.push_back(Instant::now());
        all.send(SPEAKER, &script.request)?;
    }
    all.run(&mut script, Instant::now() + target.time / 5)?;
    script.times.reset();
    let (began, cpu) = (Instant::now(), cpu_time(target.pid)?);
    all.run(&mut script, began + target.time)?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_time(target.pid)? - cpu);
    let count = script.times.len();
    ensure!(count > 0, "nothing was heard");
    let quantile = |quantile| {
        Duration::from_nanos(script.times.value_at_quantile(quantile)).as_secs_f64() * 1e3
    };
    Ok(json!({
        "messages_per_second": count as f64 / seconds,
        "cpu_microseconds": cpu.as_secs_f64() * 1e6 / count as f64,
        "p50_milliseconds": quantile(0.5),
        "p99_milliseconds": quantile(0.99),
    }))
}

struct Relay {
    dialect: Dialect,
    request: Vec<u8>,
    /// Send times of the events that have not arrived yet, in order.
    started: VecDeque<Instant>,
    times: Histogram<u64>,
}

impl Script for Relay {
    fn receive(&mut self, _: usize, frame: Frame<'_>, outbox: &mut Outbox<'_>) -> Result<()> {
        let Received::Event = self.dialect.read(frame)? else {
            return Ok(());
        };
        if let Some(started) = self.started.pop_front() {
            self.times
                .record(started.elapsed().as_nanos().try_into()?)?;
        }
        self.started.push_back(Instant::now());
        outbox.send(SPEAKER, &self.request);
        Ok(())
    }
}
