//! Load generator: clients that load a server and print the result as one line of JSON.

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
    /// Addresses of the servers.
    #[arg(long, global = true, value_parser = address)]
    server: Vec<SocketAddr>,
    /// Process id of the first server.
    #[arg(long, global = true, default_value_t = 0)]
    pid: u32,
    /// Use the msgpack parser.
    #[arg(long, global = true)]
    msgpack: bool,
    /// Duration of the measurement in seconds, after a warm-up of a fifth of it.
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
    /// Emits with acknowledgement, this many at a time on each connection.
    Echo {
        #[arg(long, default_value_t = 64)]
        connections: usize,
        #[arg(long, default_value_t = 4)]
        in_flight: usize,
        #[arg(long, value_enum, default_value = "object")]
        payload: Payload,
    },
    /// Broadcasts the events of one client to all clients.
    Broadcast {
        #[arg(long, default_value_t = 1000)]
        sockets: usize,
    },
    /// Opens connections as fast as the server accepts them, and measures the memory per connection afterwards.
    Idle {
        #[arg(long, default_value_t = 1000)]
        connections: usize,
        /// Number of connections that are opened at the same time.
        #[arg(long, default_value_t = 64)]
        window: usize,
    },
    /// Sends numbered events on one socket; the server counts those that arrive late.
    Order {
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// Relays events from a client of the first server to a client of the second.
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

/// Servers under load, and the duration.
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
