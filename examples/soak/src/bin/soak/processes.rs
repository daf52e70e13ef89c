//! Processes of the engine and the servers, which are killed, frozen and restarted.

use std::{
    env,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Sends a signal to a process.
async fn signal(process: &Child, name: &str) -> Result<()> {
    let id = process.id().context("it has ended")?.to_string();
    let sent = Command::new("kill").args([name, &id]).status().await?;
    ensure!(sent.success(), "kill {name} {id}: {sent}");
    Ok(())
}

/// Returns the resident memory of a process in kB.
fn memory(process: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()?)).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// A Redis without persistence.
pub(crate) struct Redis {
    port: u16,
    process: Child,
}

impl Redis {
    pub(crate) async fn start() -> Result<Self> {
        let port = free_port()?;
        let process = Self::spawn(port).await?;
        Ok(Self { port, process })
    }

    async fn spawn(port: u16) -> Result<Child> {
        let text = port.to_string();
        let process = Command::new("redis-server")
            .args(["--port", &text, "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("redis-server")?;
        wait_for(([127, 0, 0, 1], port).into()).await?;
        Ok(process)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }

    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.process = Self::spawn(self.port).await?;
        Ok(())
    }

    pub(crate) async fn freeze(&self) -> Result<()> {
        signal(&self.process, "-STOP").await
    }

    pub(crate) async fn thaw(&self) -> Result<()> {
        signal(&self.process, "-CONT").await
    }

    pub(crate) fn memory(&self) -> Option<u64> {
        memory(&self.process)
    }
}

async fn wait_for(address: SocketAddr) -> Result<()> {
    let started = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        ensure!(started.elapsed() < Duration::from_secs(20), "{address}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// A server process and the status that it reported.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    redis: String,
    process: Child,
    said: Arc<Mutex<Said>>,
    /// Counters of the previous processes of this server.
    pub(crate) past: Vec<Value>,
}

#[derive(Default)]
pub(crate) struct Said {
    pub(crate) status: Option<Value>,
    /// Inter-server events that arrived late or not at all.
    pub(crate) ticks: Vec<Value>,
}

impl Server {
    pub(crate) async fn start(redis: &str) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let said = Arc::default();
        Ok(Self {
            address,
            redis: redis.to_owned(),
            process: Self::spawn(redis, address, &said).await?,
            said,
            past: Vec::new(),
        })
    }

    async fn spawn(redis: &str, address: SocketAddr, said: &Arc<Mutex<Said>>) -> Result<Child> {
        let program: PathBuf = env::current_exe()?.with_file_name("soak_server");
        let mut process = Command::new(program)
            .args([redis, &address.port().to_string()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = process.stdout.take().context("its output is not read")?;
        tokio::spawn(listen(BufReader::new(stdout).lines(), said.clone()));
        wait_for(address).await?;
        Ok(process)
    }

    pub(crate) fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().expect("no panic holds it")
    }

    /// Returns a figure of the last second.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        let said = self.said();
        let status = said.status.as_ref();
        status.map_or(0, |status| status[name].as_u64().unwrap_or(0))
    }

    /// Returns `true` if the server has reported since a given time that it is connected to the engine and knows this
    /// many servers.
    pub(crate) fn is_whole(&self, since: u64, count: usize) -> bool {
        let said = self.said();
        said.status.as_ref().is_some_and(|status| {
            status["at"].as_u64() > Some(since)
                && status["isConnected"] == true
                && status["servers"] == count
        })
    }

    /// Ends the process with a signal, which the process may or may not handle.
    pub(crate) async fn end(&mut self, name: &str) -> Result<()> {
        signal(&self.process, name).await?;
        let ended = tokio::time::timeout(Duration::from_secs(30), self.process.wait());
        if ended.await.is_err() {
            bail!("a server does not end by {name}");
        }
        let status = self.said().status.take();
        self.past.extend(status);
        Ok(())
    }

    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.process = Self::spawn(&self.redis, self.address, &self.said).await?;
        Ok(())
    }

    pub(crate) fn memory(&self) -> Option<u64> {
        memory(&self.process)
    }

    /// Returns the counters of all processes of this server.
    pub(crate) fn statuses(&self) -> Vec<Value> {
        let now = self.said().status.clone();
        self.past.iter().cloned().chain(now).collect()
    }
}

async fn listen(
    mut lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
    said: Arc<Mutex<Said>>,
) {
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(line) = serde_json::from_str::<Value>(&line) else {
            eprintln!("{line}");
            continue;
        };
        let mut said = said.lock().expect("no panic holds it");
        if line["tick"].is_string() {
            said.ticks.push(line);
        } else if line["at"].is_u64() {
            said.status = Some(line);
        }
    }
}
