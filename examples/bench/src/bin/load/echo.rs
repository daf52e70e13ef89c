//! Emits with acknowledgement, in a closed loop on every connection.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Target,
    connection::{Connections, Frame, Outbox, Script},
    packets::{Dialect, Received},
    process::cpu_time,
};

/// Payload of the echo.
#[derive(Serialize)]
struct Note {
    id: u32,
    author: &'static str,
    text: &'static str,
    tags: [&'static str; 2],
}

const NOTE: Note = Note {
    id: 1234567,
    author: "ada",
    text: "what is sent is what comes back",
    tags: ["first", "second"],
};

const BINARY_LEN: usize = 4096;

pub(crate) fn measure(
    target: &Target,
    connections: usize,
    in_flight: usize,
    binary: bool,
) -> Result<Value> {
    let mut all = Connections::new()?;
    all.open(target.server()?, target.dialect, connections, 64)?;
    let mut script = Echo::new(target.dialect, connections, in_flight, binary)?;
    for connection in 0..connections {
        for id in 0..in_flight {
            script.started[connection * in_flight + id] = Instant::now();
            all.send(connection, &script.requests[id])?;
        }
    }
    all.run(&mut script, Instant::now() + target.time / 5)?;
    script.reset();
    let (began, cpu) = (Instant::now(), cpu_time(target.pid)?);
    all.run(&mut script, began + target.time)?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_time(target.pid)? - cpu);
    let count = script.times.len();
    ensure!(count > 0, "nothing was acknowledged");
    let quantile = |quantile| {
        Duration::from_nanos(script.times.value_at_quantile(quantile)).as_secs_f64() * 1e3
    };
    Ok(json!({
        "messages_per_second": count as f64 / seconds,
        "cpu_microseconds": cpu.as_secs_f64() * 1e6 / count as f64,
        "p50_milliseconds": quantile(0.5),
        "p99_milliseconds": quantile(0.99),
        "p999_milliseconds": quantile(0.999),
    }))
}

struct Echo {
    dialect: Dialect,
    /// One request for each slot in flight.
    requests: Vec<Vec<u8>>,
    /// Start time of each request, by connection and id.
    started: Vec<Instant>,
    in_flight: usize,
    /// Acknowledgement of each connection whose attachment has not arrived yet.
    announced: Vec<Option<u64>>,
    times: Histogram<u64>,
    /// Text that every acknowledgement of an object contains.
    expected: Vec<u8>,
}

impl Echo {
    fn new(dialect: Dialect, connections: usize, in_flight: usize, binary: bool) -> Result<Self> {
        let request = |id| match binary {
            true => Ok(dialect.binary_event("blob", &[7; BINARY_LEN], id)),
            false => dialect.event("echo", &NOTE, Some(id)),
        };
        let expected = match (dialect, binary) {
            (Dialect::Json, false) => serde_json::to_vec(&[NOTE])?,
            _ => Vec::new(),
        };
        Ok(Self {
            dialect,
            requests: (0..in_flight as u64).map(request).collect::<Result<_>>()?,
            started: vec![Instant::now(); connections * in_flight],
            in_flight,
            announced: vec![None; connections],
            times: Histogram::new(3)?,
            expected,
        })
    }

    fn reset(&mut self) {
        self.times.reset();
    }

    fn again(&mut self, connection: usize, id: u64, outbox: &mut Outbox<'_>) -> Result<()> {
        let id = usize::try_from(id)?;
        let now = Instant::now();
        let started = std::mem::replace(&mut self.started[connection * self.in_flight + id], now);
        self.times
            .record(now.duration_since(started).as_nanos().try_into()?)?;
        outbox.answer(&self.requests[id]);
        Ok(())
    }
}

impl Script for Echo {
    fn receive(
        &mut self,
        connection: usize,
        frame: Frame<'_>,
        outbox: &mut Outbox<'_>,
    ) -> Result<()> {
        if let Frame::Binary(data) = frame
            && let Some(id) = self.announced[connection].take()
        {
            ensure!(data.len() == BINARY_LEN, "another attachment than was sent");
            return self.again(connection, id, outbox);
        }
        match self.dialect.read(frame)? {
            Received::Acknowledgement(id) => {
                ensure!(
                    frame.payload().ends_with(&self.expected),
                    "another answer than was sent"
                );
                self.again(connection, id, outbox)
            }
            Received::Announced(id) => {
                self.announced[connection] = Some(id);
                Ok(())
            }
            Received::Event => Ok(()),
        }
    }
}
