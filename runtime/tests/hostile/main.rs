//! Malformed traffic of every kind from untrusted clients, while the server continues to serve well-behaved clients.
//!
//! `HOSTILE_FRAMES` sets the number of frames for each parser, for a long run, and `HOSTILE_SEED` repeats a run.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

mod attacker;
mod draw;
mod frames;
mod packets;
mod server;

use std::{
    alloc::System,
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use attacker::Attacker;
use draw::Draw;
use server::Server;
use sio_types::Parser;
use sio_types_test_support::{memory, node, until};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::task::JoinHandle;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Number of simultaneous attackers of each server.
const ATTACKERS: usize = 16;
/// Number of well-behaved clients of each server: one with a WebSocket, one that begins with polling.
const HEALTHY: usize = 2;
/// Maximum memory that may remain, in bytes: tables that have grown, and leftovers of many simultaneous allocations.
const SLACK: usize = 1_500_000;
/// Maximum memory of the process at any time, in bytes.
const MOST: usize = 600_000_000;

static PANICS: AtomicUsize = AtomicUsize::new(0);

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn attackers_do_not_affect_other_clients() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(panic);
    }));
    let seed = number("HOSTILE_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let frames = number("HOSTILE_FRAMES").unwrap_or(20_000) as usize;
    println!("HOSTILE_SEED={seed}");
    let common = Server::start(Parser::Common).await;
    let msgpack = Server::start(Parser::Msgpack).await;
    let servers = [&common, &msgpack];
    let healthy = servers.map(|server| Healthy::start(server.address(), server.parser));

    // The baseline for memory is the state after the first attack.
    attack(servers, seed, frames / 4).await;
    let before = allocated();
    attack(servers, seed.wrapping_add(1), frames).await;
    // Connections without a socket, or whose socket has ended, take a moment to be dropped.
    let description = format!("no more than {SLACK} bytes beyond {before} are allocated");
    until(&description, async || allocated() < before + SLACK).await;

    healthy.into_iter().for_each(Healthy::end);
    for server in servers {
        server.has_left(0).await;
    }
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "something panicked");
}

/// Attacks each server with a number of frames, and waits until all attackers are disconnected.
async fn attack(servers: [&Server; 2], seed: u64, frames: usize) {
    let started = Instant::now();
    let sent = servers.map(|_| Arc::<AtomicUsize>::default());
    let mut attackers = Vec::new();
    for (server, sent) in servers.into_iter().zip(&sent) {
        for _ in 0..ATTACKERS {
            let attacker = Attacker {
                server: server.address(),
                parser: server.parser,
                draw: Draw::new(seed, attackers.len() as u64),
                sent: sent.clone(),
            };
            attackers.push(tokio::spawn(attacker.run(frames)));
        }
    }
    let mut most = 0;
    while !attackers.iter().all(JoinHandle::is_finished) {
        most = most.max(memory::resident().unwrap_or_else(allocated));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for attacker in attackers {
        attacker.await.expect("the server keeps up");
    }
    let seconds = started.elapsed().as_secs_f64();
    for server in servers {
        server.has_left(HEALTHY).await;
    }
    println!(
        "{sent:?} frames in {seconds:.1} s; memory {} kB at most; allocated {} kB now",
        most / 1000,
        allocated() / 1000
    );
    assert!(most < MOST, "the process had {most} bytes");
}

/// Returns the allocated memory in bytes.
fn allocated() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Well-behaved clients in their own process.
struct Healthy(Child);

impl Healthy {
    fn start(server: SocketAddr, parser: Parser) -> Self {
        let child = node::node("well-behaved.mjs")
            .env("SERVER", format!("http://{server}"))
            .env("PARSER", node::parser_name(parser))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(child.expect("node starts"))
    }

    /// Ends the clients, and asserts that they lost nothing.
    fn end(mut self) {
        drop(self.0.stdin.take());
        let output = self.0.wait_with_output().expect("it ends");
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stdout}\n{stderr}");
        println!("{}", stdout.trim());
    }
}
