//! `cargo xtask bench-cluster`: measures the time that a second server adds to a message, compared with socketioxide's
//! own adapters.

use std::env;

use anyhow::Result;

use crate::{
    bench::{self, DIRECTORY},
    cluster::start_redis,
    processes::ProcessGroup,
    run::{command, root, run, step},
    setup::install_packages,
};

/// Measures `memory://`, Redis (its own process, or `REDIS_URL`), and PostgreSQL if `POSTGRES_URL` is set.
pub(crate) fn measure() -> Result<()> {
    step("install the packages", || install_packages(DIRECTORY))?;
    step("build the servers", bench::build)?;
    let (redis, process) = redis()?;
    let mut urls = vec![redis];
    urls.extend(env::var("POSTGRES_URL"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let measured = step("measure", || {
        let mut client = command(DIRECTORY, "node", &["latency.mjs"]);
        run(client.args(&urls).env("SERVERS", target.join("release")))
    });
    drop(process);
    measured
}

fn redis() -> Result<(String, Option<ProcessGroup>)> {
    match env::var("REDIS_URL") {
        Ok(url) => Ok((url, None)),
        Err(_) => start_redis().map(|(url, process)| (url, Some(process))),
    }
}
