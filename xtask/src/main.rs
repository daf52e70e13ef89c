//! Project automation.

mod bench;
mod bench_cluster;
mod book;
mod check;
mod cluster;
mod compile_size;
mod compile_time;
mod demo;
mod doc_links;
mod gen_ts_time;
mod processes;
mod run;
mod setup;
mod soak;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// Builds, runs and tests sio-types. Requires Rust and Node.js.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Builds and serves the chat example, on two servers if there is a Redis (installed, or `REDIS_URL`).
    Demo {
        /// Port of the first server. The second server uses the next port. 0 selects free ports.
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Builds and serves the cluster example: three servers, a Redis (or `REDIS_URL`) and a worker on Node.js.
    Cluster {
        /// Port of the first server. The other servers use the ports after it.
        #[arg(long, default_value_t = 3001)]
        port: u16,
    },
    /// Builds the guides as a site in `target/book`. Installs mdBook below `target` if it is not on the `PATH`.
    Book {
        /// Serves the site on http://localhost:3000, and rebuilds it after every change.
        #[arg(long)]
        serve: bool,
    },
    /// Checks formatting, clippy and the layers of the crates, and runs the unit tests. Requires only Rust.
    Check,
    /// Installs the dependencies of the tests, and runs the checks of `check` and all tests; see CONTRIBUTING.md.
    Test {
        /// Uses many more random values in tests with random values.
        #[arg(long)]
        long: bool,
    },
    /// Measures sio-types, socketioxide and the Node.js server under the same load.
    Bench {
        /// Runs one short round, and does not write the results.
        #[arg(long)]
        quick: bool,
        /// Runs only the measures with these names, and does not write the results.
        only: Vec<String>,
    },
    /// Measures the time of a message from server to server. `REDIS_URL` and `POSTGRES_URL` set the engines.
    BenchCluster,
    /// Runs thousands of clients on three servers with a fault every minute, and accounts for every message.
    Soak {
        /// Duration in minutes. There is one fault per minute.
        #[arg(long, default_value_t = 20.0)]
        minutes: f64,
        /// Number of clients, in addition to 20 official clients on Node.js.
        #[arg(long, default_value_t = 2_000)]
        clients: u32,
    },
    /// Measures the time that `#[payload]` adds to each `cargo check`.
    CompileTime,
    /// Measures the compile time and program size of a server with 100 events, compared with the same server on
    /// socketioxide.
    CompileSize {
        /// Number of compilations of each server.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Compiles all dependencies as well, once. Takes a few minutes more.
        #[arg(long)]
        from_scratch: bool,
    },
    /// Measures the time of `sio-types gen-ts` with and without an edit, compared with `cargo build` and ts-rs.
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
        Task::Book { serve } => book::build(serve),
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
