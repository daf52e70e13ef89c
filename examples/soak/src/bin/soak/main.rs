//! Soak test: thousands of clients on several servers for a long time, with a fault every minute. At the end, every
//! message is accounted for.

mod client;
mod connection;
mod faults;
mod ledger;
mod official;
mod processes;
mod report;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use client::{Client, Phase};
use faults::Window;
use ledger::Ledger;
use official::Official;
use processes::{Redis, Server};

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    #[arg(long, default_value_t = 2_000)]
    clients: u32,
    #[arg(long, default_value_t = 3)]
    servers: usize,
    /// Number of official clients in addition.
    #[arg(long, default_value_t = 20)]
    official: u32,
    /// Seconds between two faults.
    #[arg(long, default_value_t = 60)]
    every: u64,
    /// File that the figures are written to.
    #[arg(long)]
    output: Option<std::path::PathBuf>,
}

/// The running test.
struct Soak {
    arguments: Arguments,
    redis: Redis,
    servers: Vec<Server>,
    ledger: Arc<Ledger>,
    phase: watch::Sender<Phase>,
    clients: JoinSet<()>,
    windows: Vec<Window>,
    memory: Vec<report::Memory>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut soak = Soak::start(Arguments::parse()).await?;
    let official = Official::start(&soak.servers, soak.arguments.official)?;
    soak.let_in().await?;
    soak.memory = report::memory(&soak.redis, &soak.servers);
    soak.work().await?;
    let official = soak.end(official).await?;
    let report = report::Report::of(&soak, &official)?;
    print!("{}", report.table());
    if let Some(output) = &soak.arguments.output {
        let text = serde_json::to_string_pretty(&report.json())? + "\n";
        std::fs::write(output, text)?;
    }
    Ok(match report.is_kept() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl Soak {
    async fn start(arguments: Arguments) -> Result<Self> {
        ensure!(arguments.servers > 1, "it takes two servers");
        let redis = Redis::start().await?;
        let mut servers = Vec::new();
        for _ in 0..arguments.servers {
            servers.push(Server::start(&redis.url()).await?);
        }
        Ok(Self {
            arguments,
            redis,
            servers,
            ledger: Arc::default(),
            phase: watch::Sender::new(Phase::Work),
            clients: JoinSet::new(),
            windows: Vec::new(),
            memory: Vec::new(),
        })
    }

    /// Starts the clients and waits until all are connected.
    async fn let_in(&mut self) -> Result<()> {
        for number in 0..self.arguments.clients {
            let server = number as usize % self.servers.len();
            let client = Client {
                number,
                server,
                address: self.servers[server].address,
                ledger: self.ledger.clone(),
                phase: self.phase.subscribe(),
            };
            self.clients.spawn(client.run());
            sleep(Duration::from_millis(3)).await;
        }
        let began = Instant::now();
        let all = u64::from(self.arguments.clients + self.arguments.official);
        // Some clients are between two connections.
        while self.connected() < all * 98 / 100 {
            let connected = self.connected();
            let is_late = began.elapsed() > Duration::from_secs(60);
            ensure!(!is_late, "{connected} of {all} clients are connected");
            sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    fn connected(&self) -> u64 {
        self.servers.iter().map(|it| it.figure("sockets")).sum()
    }

    /// Injects faults one after the other until the time is up.
    async fn work(&mut self) -> Result<()> {
        let began = Instant::now();
        let length = Duration::from_secs_f64(self.arguments.minutes * 60.0);
        let every = Duration::from_secs(self.arguments.every);
        let mut next = began + every / 2;
        for (round, fault) in faults::ALL.iter().cycle().enumerate() {
            if next + every / 2 > began + length {
                break;
            }
            sleep(next.saturating_duration_since(Instant::now())).await;
            eprintln!("{:>5} s: {}", began.elapsed().as_secs(), fault.name());
            let round = round + round / faults::ALL.len();
            let happened = fault.happen(round, &mut self.redis, &mut self.servers);
            let window = happened.await.context(fault.name())?;
            eprintln!("{:>5} s: {}", began.elapsed().as_secs(), window.figures);
            self.windows.push(window);
            next = (next + every).max(Instant::now());
        }
        sleep((began + length).saturating_duration_since(Instant::now())).await;
        Ok(())
    }

    /// Waits for messages in flight, and then disconnects all clients.
    async fn end(&mut self, official: Official) -> Result<official::Heard> {
        self.phase.send_replace(Phase::Listen);
        let official = official.stop().await?;
        sleep(Duration::from_secs(12)).await;
        self.memory
            .extend(report::memory(&self.redis, &self.servers));
        self.phase.send_replace(Phase::End);
        let clients = async { while self.clients.join_next().await.is_some() {} };
        let ended = timeout(Duration::from_secs(60), clients).await;
        ended.context("the clients do not end")?;
        // The heartbeat detects clients that no longer answer.
        let began = Instant::now();
        while self.connected() > 0 && began.elapsed() < Duration::from_secs(40) {
            sleep(Duration::from_millis(200)).await;
        }
        Ok(official)
    }
}
