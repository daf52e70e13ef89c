//! Broadcast: one client's events go to all clients in a room.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    Target,
    connection::{Connections, Frame, Outbox, Script},
    packets::{Dialect, Received},
    process::cpu_time,
};

/// Number of broadcasts in flight: enough that the server never waits for the clients.
const IN_FLIGHT: u64 = 4;

pub(crate) fn measure(target: &Target, sockets: usize) -> Result<Value> {
    let mut all = Connections::new()?;
    all.open(target.server()?, target.dialect, sockets, 64)?;
    let mut script = Audience {
        dialect: target.dialect,
        sockets: sockets as u64,
        deliveries: 0,
        request: target
            .dialect
            .event("shout", &"to everybody who is in the room", None)?,
    };
    for _ in 0..IN_FLIGHT {
        all.send(0, &script.request)?;
    }
    all.run(&mut script, Instant::now() + target.time / 5)?;
    let (began, cpu, before) = (Instant::now(), cpu_time(target.pid)?, script.deliveries);
    all.run(&mut script, began + target.time)?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_time(target.pid)? - cpu);
    let deliveries = (script.deliveries - before) as f64;
    ensure!(deliveries > 0.0, "nothing was delivered");
    Ok(json!({
        "deliveries_per_second": deliveries / seconds,
        "cpu_microseconds": cpu.as_secs_f64() * 1e6 / deliveries,
    }))
}

struct Audience {
    dialect: Dialect,
    sockets: u64,
    deliveries: u64,
    request: Vec<u8>,
}

impl Script for Audience {
    fn receive(&mut self, _: usize, frame: Frame<'_>, outbox: &mut Outbox<'_>) -> Result<()> {
        let Received::Event = self.dialect.read(frame)? else {
            return Ok(());
        };
        self.deliveries += 1;
        // All deliveries of one broadcast have arrived. The client that received the last one sends the next broadcast.
        if self.deliveries.is_multiple_of(self.sockets) {
            outbox.answer(&self.request);
        }
        Ok(())
    }
}
