//! `cargo xtask compile-size`: measures the compile time and the program size of a server with 100 events, compared
//! with the same server written by hand on socketioxide.

mod crates;

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    compile_time::median,
    run::{root, run},
};
use crates::{CONTENDERS, NAMESPACES, write};

/// Compiles each server in turn, and prints all times, the medians and their ratios. Dependencies are built first if
/// they are missing. `from_scratch` builds them once more, and measures the time.
pub(crate) fn measure(rounds: usize, from_scratch: bool) -> Result<()> {
    let directory = root().join("target/compile-size");
    let servers = CONTENDERS.each_ref().map(|contender| Server {
        name: contender.name,
        directory: directory.join(contender.name),
        target: directory.join(format!("target-{}", contender.name)),
    });
    println!(
        "{} events in {NAMESPACES} namespaces, medians of {rounds}",
        NAMESPACES * 10
    );
    let mut everything = [[Duration::ZERO; 2]; 2];
    for ((contender, server), times) in CONTENDERS.iter().zip(&servers).zip(&mut everything) {
        write(&server.directory, contender)?;
        if from_scratch {
            server.remove_target()?;
        }
        *times = [server.build(&[])?, server.build(&["--release"])?];
        server.check()?;
    }
    if from_scratch {
        let [by_hand, typed] = everything;
        print_times("`cargo build` of everything", [by_hand[0], typed[0]]);
        print_times(
            "`cargo build --release` of everything",
            [by_hand[1], typed[1]],
        );
    }
    for (what, is_stripped) in [("program", false), ("program, stripped", true)] {
        let [by_hand, typed] = [servers[0].size(is_stripped)?, servers[1].size(is_stripped)?];
        println!(
            "{what}: by hand {by_hand} bytes, sio-types {typed} bytes, ratio {:.2}",
            typed as f64 / by_hand as f64
        );
    }
    let steps: [(&str, Step); 3] = [
        ("`cargo check` after an edit", |server, round| {
            server.edit(round)?;
            server.check()
        }),
        ("`cargo build` of the crate alone", |server, _| {
            server.clean(&[])?;
            server.build(&[])
        }),
        ("`cargo build --release` of the crate alone", |server, _| {
            server.clean(&["--release"])?;
            server.build(&["--release"])
        }),
    ];
    for (what, step) in steps {
        let mut times = [const { Vec::new() }; 2];
        for round in 0..rounds {
            for (server, times) in servers.iter().zip(&mut times) {
                let time = step(server, round)?;
                println!("  {}: {time:.2?}", server.name);
                times.push(time);
            }
        }
        print_times(what, times.map(median));
    }
    Ok(())
}

/// A timed step of a round.
type Step = fn(&Server, usize) -> Result<Duration>;

fn print_times(what: &str, [by_hand, typed]: [Duration; 2]) {
    let ratio = typed.as_secs_f64() / by_hand.as_secs_f64();
    println!("{what}: by hand {by_hand:.2?}, sio-types {typed:.2?}, ratio {ratio:.2}");
}

/// A server to compile, with its own target directory.
struct Server {
    name: &'static str,
    directory: PathBuf,
    target: PathBuf,
}

impl Server {
    /// Adds a type to a namespace.
    fn edit(&self, round: usize) -> Result<()> {
        let file = self.directory.join("src/namespace_0.rs");
        let text = fs::read_to_string(&file)?;
        Ok(fs::write(
            &file,
            format!("{text}\n#[allow(dead_code)]\npub struct Edit{round};\n"),
        )?)
    }

    fn check(&self) -> Result<Duration> {
        self.timed(&["check"])
    }

    fn build(&self, profile: &[&str]) -> Result<Duration> {
        self.timed(&[&["build"], profile].concat())
    }

    /// Removes the build of the crate, and keeps that of its dependencies.
    fn clean(&self, profile: &[&str]) -> Result<()> {
        let package = format!("server-{}", self.name);
        self.timed(&[&["clean", "--package", &package], profile].concat())?;
        Ok(())
    }

    fn remove_target(&self) -> Result<()> {
        match fs::remove_dir_all(&self.target) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn timed(&self, arguments: &[&str]) -> Result<Duration> {
        let mut command = Command::new("cargo");
        command
            .current_dir(&self.directory)
            .args(arguments)
            .args(["--quiet", "--target-dir"])
            .arg(&self.target);
        let started = Instant::now();
        run(&mut command)?;
        Ok(started.elapsed())
    }

    /// Returns the size of the release program, in bytes.
    fn size(&self, is_stripped: bool) -> Result<u64> {
        let name = format!("server-{}{}", self.name, std::env::consts::EXE_SUFFIX);
        let program = self.target.join("release").join(name);
        if !is_stripped {
            return Ok(fs::metadata(program)?.len());
        }
        let stripped = self.directory.join("stripped");
        run(Command::new("strip").arg("-o").arg(&stripped).arg(&program))?;
        Ok(fs::metadata(stripped)?.len())
    }
}
