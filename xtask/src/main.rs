//! Project automation.

mod bench;
mod bench_cluster;
mod check;
mod cluster;
mod compile_size;
mod compile_time;
mod demo;
mod gen_ts_time;
mod processes;
mod run;
mod setup;
mod soak;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// Builds, shows and tests sio-types; needs Rust and Node.js.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Builds the chat example and serves it: on two servers where there is a Redis (installed, or `REDIS_URL`).
    Demo {
        /// The port of the first server, the second has the next one; 0 for any free ones.
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Builds the cluster example and serves it: three servers, a Redis (or `REDIS_URL`) and a worker under Node.
    Cluster {
        /// The port of the first server; the others follow.
        #[arg(long, default_value_t = 3001)]
        port: u16,
    },
    /// Checks formatting, clippy, the layers of the crates and unit tests; for while you work, as it needs only Rust.
    Check,
    /// Installs what the tests need and runs all of them, after the checks of `check`; see CONTRIBUTING.md.
    Test {
        /// Draws many more random values where a test does so.
        #[arg(long)]
        long: bool,
    },
    /// Measures sio-types beside socketioxide by hand and Node's server, under the same load.
    Bench {
        /// One short round, for a first look; nothing is written.
        #[arg(long)]
        quick: bool,
        /// Only the measures of these names; nothing is written.
        only: Vec<String>,
    },
    /// Measures how long a message takes from server to server; `REDIS_URL` and `POSTGRES_URL` say where engines are.
    BenchCluster,
    /// Has thousands of clients talk over three servers while something fails every minute, and accounts for every message.
    Soak {
        /// How long; a fault a minute.
        #[arg(long, default_value_t = 20.0)]
        minutes: f64,
        /// How many clients there are, beside 20 official ones under Node.
        #[arg(long, default_value_t = 2_000)]
        clients: u32,
    },
    /// Measures what `#[payload]` adds to each `cargo check`.
    CompileTime,
    /// Measures compile times and the program's size of a server of 100 events, beside the same one written by hand.
    CompileSize {
        /// How often each of them is compiled.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Compiles all dependencies too, once; takes a few minutes more.
        #[arg(long)]
        from_scratch: bool,
    },
    /// Measures how long `sio-types gen-ts` takes after an edit and without one, beside `cargo build` and ts-rs.
    GenTsTime,
}

fn main() -> ExitCode {
    let task = Task::parse();
    let done = processes::handle_signals().and_then(|()| perform(task));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nfailed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Demo { port } => demo::serve(port),
        Task::Cluster { port } => cluster::serve(port),
        Task::Check => check::run_all(),
        Task::Test { long } => test::run_all(long),
        Task::Bench { quick, only } => bench::measure(quick, &only),
        Task::BenchCluster => bench_cluster::measure(),
        Task::Soak { minutes, clients } => soak::run_for(minutes, clients),
        Task::CompileTime => compile_time::measure(),
        Task::CompileSize {
            rounds,
            from_scratch,
        } => compile_size::measure(rounds, from_scratch),
        Task::GenTsTime => gen_ts_time::measure(),
    }
}
