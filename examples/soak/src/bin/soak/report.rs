//! Report of the results, which checks that all guarantees were kept.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    Soak,
    faults::Window,
    ledger::{Irregular, Kind, Time},
    official,
    processes::{Redis, Server},
};

/// Memory of a process in kB.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    process: String,
    kilobytes: u64,
}

/// Margin around a fault. Messages sent right before it, and effects noticed right after it, belong to it.
const MARGIN: Time = 2_000;

pub(crate) fn memory(redis: &Redis, servers: &[Server]) -> Vec<Memory> {
    let memory = |process: String, kilobytes: Option<u64>| Memory {
        process,
        kilobytes: kilobytes.unwrap_or(0),
    };
    let servers = servers
        .iter()
        .enumerate()
        .map(|(index, server)| memory(format!("server {index}"), server.memory()));
    std::iter::once(memory("Redis".to_owned(), redis.memory()))
        .chain(servers)
        .collect()
}

pub(crate) struct Report {
    figures: BTreeMap<&'static str, u64>,
    /// Violations of each guarantee. Each number has to be zero.
    promises: Vec<(&'static str, u64)>,
    windows: Vec<Value>,
    memory: Vec<Memory>,
    reasons: BTreeMap<String, u64>,
    ends: BTreeMap<String, u64>,
    setting: Value,
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Returns the windows that a time belongs to.
fn around(windows: &[Window], from: Time, to: Time) -> impl Iterator<Item = &Window> {
    windows
        .iter()
        .filter(move |window| to + MARGIN >= window.from && from <= window.to + MARGIN)
}

/// Returns `true` if messages between two servers may be lost: the engine or one of the servers is down.
fn may_be_lost(windows: &[Window], servers: (usize, usize), from: Time, to: Time) -> bool {
    let (a, b) = servers;
    around(windows, from, to).any(|window| {
        let is_gone = window.server.is_some_and(|gone| gone == a || gone == b);
        is_gone || (a != b && window.fault.parts_servers())
    })
}

impl Report {
    pub(crate) fn of(soak: &Soak, official: &official::Heard) -> Result<Self> {
        let windows = &soak.windows;
        let irregular = soak.ledger.irregular();
        let outside = |kind: Kind| {
            let outside = |it: &&Irregular| {
                it.kind == kind && !may_be_lost(windows, it.servers, it.sent, it.sent)
            };
            irregular.iter().filter(outside).count() as u64
        };
        let within = irregular.len() as u64
            - [Kind::Lost, Kind::Late, Kind::Doubled]
                .map(outside)
                .iter()
                .sum::<u64>();
        let gone = |server: usize, at: Time| {
            around(windows, at, at).any(|window| window.server == Some(server))
        };
        let unexpected = soak.ledger.unexpected.lock().expect("no panic");
        let unanswered = soak.ledger.unanswered.lock().expect("no panic");
        for (at, server, why) in unexpected.iter().filter(|it| !gone(it.1, it.0)) {
            eprintln!("server {server}, at {at}: {why}");
        }
        for it in irregular
            .iter()
            .filter(|it| !may_be_lost(windows, it.servers, it.sent, it.sent))
        {
            eprintln!("{it:?}");
        }
        let missing = |it: &&official::Missing| !may_be_lost(windows, it.servers, it.from, it.to);
        let counters = &soak.ledger.counters;
        let statuses: Vec<Value> = soak.servers.iter().flat_map(Server::statuses).collect();
        let sum = |name: &str| {
            statuses
                .iter()
                .filter_map(|it| it[name].as_u64())
                .sum::<u64>()
        };
        let ticks = soak.servers.iter().enumerate().flat_map(|(index, server)| {
            let ticks = server.said().ticks.clone();
            ticks.into_iter().map(move |tick| (index, tick))
        });
        let (mut ticks_outside, mut ticks_within) = (0, 0);
        for (index, tick) in ticks {
            let time = |key: &str| tick[key].as_u64().unwrap_or(0);
            // The sender is unknown, so the windows of the engine and of all servers count.
            let excused = around(windows, time("from"), time("to"))
                .any(|it| it.fault.parts_servers() || it.server.is_some());
            match excused {
                true => ticks_within += time("count"),
                false => {
                    eprintln!("server {index}: {tick}");
                    ticks_outside += time("count");
                }
            }
        }
        let reasons = reasons(&statuses);
        let hooks = sum("connected").abs_diff(reasons.values().sum::<u64>());
        // The counts of a killed process in its last second are unknown.
        let was_killed = |it: &Window| matches!(it.fault, crate::faults::Fault::ServerKilled);
        let left = soak.servers.iter().map(|it| it.figure("sockets")).sum();
        let ghosts = match windows.iter().any(was_killed) {
            true => left,
            false => left + hooks,
        };
        let ended = soak.ledger.ends();
        let mut ends: BTreeMap<_, _> = ended
            .into_iter()
            .map(|(why, count)| (why.to_owned(), count))
            .collect();
        for end in &official.ends {
            *ends
                .entry(format!("official client: {}", end.why))
                .or_default() += 1;
        }
        ends.insert(
            "with their server".to_owned(),
            unexpected.iter().filter(|it| gone(it.1, it.0)).count() as u64,
        );
        let slow = windows
            .iter()
            .filter(|it| it.figures["gone"] == false)
            .count();
        let promises = vec![
            ("lost outside of the windows", outside(Kind::Lost)),
            ("out of order outside of the windows", outside(Kind::Late)),
            (
                "doubled",
                irregular
                    .iter()
                    .filter(|it| it.kind == Kind::Doubled)
                    .count() as u64,
            ),
            (
                "of the official clients' lost outside of the windows",
                official.missing.iter().filter(missing).count() as u64,
            ),
            (
                "of the official clients' doubled or out of order",
                official.doubled,
            ),
            ("from client to server out of order or doubled", sum("late")),
            ("from client to server lost", sum("skipped")),
            ("wrong answers", count(&counters.wrong_answers)),
            ("refused", count(&counters.refused)),
            (
                "not answered on a connection that stood",
                unanswered.iter().filter(|it| !gone(it.1, it.0)).count() as u64,
            ),
            (
                "official clients' not answered",
                official
                    .unanswered
                    .iter()
                    .filter(|it| !gone(it.server, it.at))
                    .count() as u64,
            ),
            (
                "connections that ended without a cause",
                unexpected.iter().filter(|it| !gone(it.1, it.0)).count() as u64,
            ),
            (
                "official clients' connections that ended without a cause",
                official
                    .ends
                    .iter()
                    .filter(|it| !gone(it.server, it.at))
                    .count() as u64,
            ),
            (
                "inter-server events lost or out of order outside of the windows",
                ticks_outside,
            ),
            ("sockets left behind", ghosts),
            ("slow clients not disconnected", slow as u64),
        ];
        let figures = BTreeMap::from([
            (
                "events sent by clients",
                count(&counters.sent) + official.sent,
            ),
            (
                "acknowledged",
                count(&counters.acknowledged) + official.acknowledged,
            ),
            (
                "cut off by the end of their connection",
                count(&counters.cut_off),
            ),
            (
                "broadcast events received by clients",
                count(&counters.heard) + official.heard,
            ),
            ("connections made", count(&counters.connected)),
            (
                "attempts to connect that failed",
                count(&counters.not_let_in),
            ),
            (
                "lost, late or doubled between servers in the windows",
                within,
            ),
            ("inter-server events received", sum("ticks")),
            ("inter-server events lost in the windows", ticks_within),
            (
                "inter-server questions without all answers",
                sum("incomplete"),
            ),
            ("counted as lost by the servers", sum("lost")),
            ("broadcasts that somebody had no room for", sum("full")),
        ]);
        let listed = windows.iter().map(|window| {
            let lost = irregular.iter().filter(|it| {
                it.kind == Kind::Lost
                    && it.sent + MARGIN >= window.from
                    && it.sent <= window.to + MARGIN
            });
            json!({
                "fault": window.fault.name(),
                "seconds": (window.to - window.from) as f64 / 1e3,
                "lostBetweenServers": lost.count(),
                "figures": window.figures,
            })
        });
        Ok(Self {
            figures,
            promises,
            windows: listed.collect(),
            memory: soak.memory.clone(),
            reasons,
            ends,
            setting: json!({
                "minutes": soak.arguments.minutes,
                "clients": soak.arguments.clients,
                "officialClients": soak.arguments.official,
                "servers": soak.arguments.servers,
            }),
        })
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.promises.iter().all(|(_, count)| *count == 0)
    }

    pub(crate) fn table(&self) -> String {
        let mut text = String::from("\n| | |\n| --- | --- |\n");
        // Writing to a `String` does not fail.
        for (what, count) in &self.figures {
            let _ = writeln!(text, "| {what} | {count} |");
        }
        let _ = writeln!(text, "\n| has to be 0 | |\n| --- | --- |");
        for (what, count) in &self.promises {
            let _ = writeln!(text, "| {what} | {count} |");
        }
        let _ = writeln!(
            text,
            "\n| fault | seconds | lost between servers | |\n| --- | --- | --- | --- |"
        );
        for window in &self.windows {
            let (fault, seconds) = (window["fault"].as_str().unwrap_or(""), &window["seconds"]);
            let (lost, figures) = (&window["lostBetweenServers"], &window["figures"]);
            let _ = writeln!(text, "| {fault} | {seconds} | {lost} | {figures} |");
        }
        let _ = writeln!(
            text,
            "\n| memory | at the start, kB | at the end |\n| --- | --- | --- |"
        );
        let (start, end) = self.memory.split_at(self.memory.len() / 2);
        for (start, end) in start.iter().zip(end) {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                start.process, start.kilobytes, end.kilobytes
            );
        }
        let _ = writeln!(text, "\n| connections ended | |\n| --- | --- |");
        for (why, count) in self.reasons.iter().chain(&self.ends) {
            let _ = writeln!(text, "| {why} | {count} |");
        }
        text
    }

    pub(crate) fn json(&self) -> Value {
        let memory = |it: &Memory| json!({ "process": it.process, "kilobytes": it.kilobytes });
        let (start, end) = self.memory.split_at(self.memory.len() / 2);
        json!({
            "setting": self.setting,
            "isKept": self.is_kept(),
            "figures": self.figures,
            "promises": self.promises.iter().copied().collect::<BTreeMap<_, _>>(),
            "faults": self.windows,
            "memory": {
                "start": start.iter().map(memory).collect::<Vec<_>>(),
                "end": end.iter().map(memory).collect::<Vec<_>>(),
            },
            "disconnectedOnServers": self.reasons,
            "endedAtClients": self.ends,
        })
    }
}

fn reasons(statuses: &[Value]) -> BTreeMap<String, u64> {
    let mut reasons = BTreeMap::new();
    for (reason, count) in statuses
        .iter()
        .filter_map(|it| it["disconnected"].as_object())
        .flatten()
    {
        *reasons.entry(reason.clone()).or_default() += count.as_u64().unwrap_or(0);
    }
    reasons
}
