//! `cargo xtask bench`: measures the same server on sio-types, on socketioxide alone and on Node.js, under the same
//! load.
//!
//! Server and load each run on their own core. Every round runs every contender, and the output shows medians and their
//! ratios. Requires Linux for pinning to cores and for process statistics.

mod chart;
mod contender;
mod machine;
mod plan;
mod report;

use std::{fs, process::Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    cluster::start_redis,
    processes::ProcessGroup,
    run::{cargo, command, root, run, step},
    setup::install_packages,
};
use contender::{Contender, Server};
use plan::{MEASURES, Measure};
use report::Results;

/// Directory of the programs, the npm packages and the results.
pub(crate) const DIRECTORY: &str = "examples/bench";
const CHART: &str = "docs/images/bench.svg";

/// Number and length of the runs.
struct Effort {
    rounds: usize,
    seconds: f64,
}

/// Runs all measures, or only those with the given names.
pub(crate) fn measure(quick: bool, only: &[String]) -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "the benchmarks need Linux");
    for name in only {
        let known = MEASURES.map(|measure| measure.name).join(", ");
        let is_known = MEASURES.iter().any(|measure| measure.name == name);
        ensure!(is_known, "there is no measure `{name}`, only {known}");
    }
    step("install the packages", || install_packages(DIRECTORY))?;
    step("build the servers and the load", build)?;
    let effort = match quick {
        true => Effort {
            rounds: 1,
            seconds: 1.0,
        },
        false => Effort {
            rounds: 5,
            seconds: 1.5,
        },
    };
    let (redis, process) = start_redis()?;
    let results = gather(&effort, only, &redis);
    drop(process);
    let results = results?;
    print!("{}", results.table());
    if quick || !only.is_empty() {
        return Ok(());
    }
    let written = root().join(DIRECTORY).join("results.json");
    let json = results.json(&machine::describe()?);
    fs::write(&written, serde_json::to_string_pretty(&json)? + "\n")?;
    fs::write(root().join(CHART), chart::draw(&results))?;
    eprintln!("\nwritten: {} and {CHART}", written.display());
    Ok(())
}

/// Builds each program separately, with only the features that it requires.
pub(crate) fn build() -> Result<()> {
    for (program, feature) in [
        ("typed", "typed"),
        ("by_hand", "by-hand"),
        ("floor", "floor"),
        ("load", "load"),
    ] {
        let build = ["build", "--release", "--package", "sio-types-bench"];
        run(cargo(&build).args(["--bin", program, "--features", feature]))?;
    }
    Ok(())
}

fn gather(effort: &Effort, only: &[String], redis: &str) -> Result<Results> {
    let mut results = Results::default();
    let wanted =
        |measure: &&Measure| only.is_empty() || only.iter().any(|name| name == measure.name);
    for round in 1..=effort.rounds {
        for measure in MEASURES.iter().filter(wanted) {
            eprintln!("round {round} of {}: {}", effort.rounds, measure.title);
            for contender in measure.contenders {
                let figures = once(measure, *contender, effort, redis)
                    .with_context(|| format!("{} by {contender:?}", measure.name))?;
                results.add(measure.name, *contender, figures);
            }
        }
    }
    Ok(results)
}

/// Starts a server, runs the load, and returns the results.
fn once(measure: &Measure, contender: Contender, effort: &Effort, redis: &str) -> Result<Value> {
    let url = match measure.is_clustered {
        true => redis,
        false => "memory://",
    };
    let mut servers = vec![Server::start(contender, url, measure.is_msgpack, "0")?];
    if measure.is_clustered {
        servers.push(Server::start(contender, url, measure.is_msgpack, "1")?);
    }
    let mut load = command(
        DIRECTORY,
        "sh",
        &["-c", contender::UNLIMITED, "sh", "taskset", "-c", "1"],
    );
    load.arg(contender::built("load")).args(measure.load);
    for server in &servers {
        load.args(["--server", &server.url]);
    }
    load.args(["--pid", &servers[0].process.id().to_string()]);
    load.args(["--seconds", &effort.seconds.to_string()]);
    if measure.is_msgpack {
        load.arg("--msgpack");
    }
    let output = ProcessGroup::spawn(load.stdout(Stdio::piped()))?.wait_with_output()?;
    ensure!(
        output.status.success(),
        "the load ended with {}",
        output.status
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}
