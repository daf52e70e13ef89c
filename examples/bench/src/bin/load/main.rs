//! Clients that load a server and say how it did, as one line of JSON.

mod broadcast;
mod connection;
mod echo;
mod idle;
mod order;
mod packets;
mod process;
mod relay;

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use connection::address;
use packets::Dialect;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    measure: Measure,
    /// Where the servers listen.
    #[arg(long, global = true, value_parser = address)]
    server: Vec<SocketAddr>,
    /// The process of the first one.
    #[arg(long, global = true, default_value_t = 0)]
    pid: u32,
    /// Speak the msgpack parser.
    #[arg(long, global = true)]
    msgpack: bool,
    /// How long to measure, in seconds, after a fifth of it to warm up.
    #[arg(long, global = true, default_value_t = 3.0)]
    seconds: f64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Payload {
    Object,
    Binary,
}

#[derive(Subcommand)]
enum Measure {
    /// Emits with acknowledgement, so many at a time on each connection.
    Echo {
        #[arg(long, default_value_t = 64)]
        connections: usize,
        #[arg(long, default_value_t = 4)]
        in_flight: usize,
        #[arg(long, value_enum, default_value = "object")]
        payload: Payload,
    },
    /// One client's events go to all.
    Broadcast {
        #[arg(long, default_value_t = 1000)]
        sockets: usize,
    },
    /// Opens connections as fast as the server takes them, and says what each of them holds in memory afterwards.
    Idle {
        #[arg(long, default_value_t = 1000)]
        connections: usize,
        /// How many are opened at once.
        #[arg(long, default_value_t = 64)]
        window: usize,
    },
    /// Numbered events of one socket; the server counts those that come late.
    Order {
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// What a client of the first server says, a client of the second hears.
    Relay {
        #[arg(long, default_value_t = 16)]
        in_flight: usize,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let target = Target {
        servers: arguments.server,
        pid: arguments.pid,
        dialect: if arguments.msgpack {
            Dialect::MessagePack
        } else {
            Dialect::Json
        },
        time: Duration::from_secs_f64(arguments.seconds),
    };
    let outcome = match arguments.measure {
        Measure::Echo {
            connections,
            in_flight,
            payload,
        } => echo::measure(
            &target,
            connections,
            in_flight,
            matches!(payload, Payload::Binary),
        ),
        Measure::Broadcast { sockets } => broadcast::measure(&target, sockets),
        Measure::Idle {
            connections,
            window,
        } => idle::measure(&target, connections, window),
        Measure::Order { messages } => order::measure(&target, messages),
        Measure::Relay { in_flight } => relay::measure(&target, in_flight),
    }?;
    println!("{outcome}");
    Ok(())
}

/// What is loaded, and for how long.
struct Target {
    servers: Vec<SocketAddr>,
    pid: u32,
    dialect: Dialect,
    time: Duration,
}

impl Target {
    fn server(&self) -> Result<SocketAddr> {
        self.servers
            .first()
            .copied()
            .ok_or_else(|| anyhow::anyhow!("no --server"))
    }
}
