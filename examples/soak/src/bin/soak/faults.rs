//! Faults that the test injects.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::{
    connection::Connection,
    ledger::{Time, now},
    processes::{Redis, Server},
};

/// Maximum time for a full recovery.
const RECOVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    RedisKilled,
    /// Redis is frozen for less time than it takes to notice.
    RedisSlow,
    ServerKilled,
    SlowReaders,
    /// Redis is frozen for longer than it takes to notice.
    RedisFrozen,
    HalfOpen,
    ServerRestarted,
}

pub(crate) const ALL: [Fault; 7] = [
    Fault::RedisKilled,
    Fault::RedisSlow,
    Fault::ServerKilled,
    Fault::SlowReaders,
    Fault::RedisFrozen,
    Fault::HalfOpen,
    Fault::ServerRestarted,
];

/// Time from the start of a fault to the full recovery.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) fault: Fault,
    pub(crate) from: Time,
    pub(crate) to: Time,
    /// Server that was down, if any.
    pub(crate) server: Option<usize>,
    /// Recovery time in seconds after the engine or the server was back, and other figures.
    pub(crate) figures: Value,
}

impl Fault {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RedisKilled => "Redis killed, back after 3 s",
            Self::RedisSlow => "Redis frozen for 4 s",
            Self::ServerKilled => "a server killed, back after 2 s",
            Self::SlowReaders => "20 clients do not read",
            Self::RedisFrozen => "Redis frozen for 12 s",
            Self::HalfOpen => "300 connections half open",
            Self::ServerRestarted => "a server told to end, back after 2 s",
        }
    }

    /// Returns `true` if the fault may lose events between servers.
    pub(crate) fn parts_servers(self) -> bool {
        matches!(self, Self::RedisKilled | Self::RedisFrozen)
    }

    pub(crate) async fn happen(
        self,
        round: usize,
        redis: &mut Redis,
        servers: &mut [Server],
    ) -> Result<Window> {
        let from = now();
        let chosen = round % servers.len();
        let mut figures = json!({});
        let mut server = None;
        match self {
            Self::RedisKilled => {
                redis.kill().await?;
                sleep(Duration::from_secs(3)).await;
                redis.restart().await?;
            }
            Self::RedisSlow | Self::RedisFrozen => {
                let seconds = if self == Self::RedisSlow { 4 } else { 12 };
                redis.freeze().await?;
                let began = Instant::now();
                while began.elapsed() < Duration::from_secs(seconds) {
                    sleep(Duration::from_millis(100)).await;
                    let is_noticed = servers.iter().all(|it| !it.is_whole(0, servers.len()));
                    if is_noticed && figures["noticed"].is_null() {
                        figures["noticed"] = json!(began.elapsed().as_secs_f64());
                    }
                }
                redis.thaw().await?;
            }
            Self::ServerKilled | Self::ServerRestarted => {
                server = Some(chosen);
                let name = if self == Self::ServerKilled {
                    "-KILL"
                } else {
                    "-TERM"
                };
                let began = Instant::now();
                servers[chosen].end(name).await?;
                figures["ended"] = json!(began.elapsed().as_secs_f64());
                sleep(Duration::from_secs(2)).await;
                servers[chosen].restart().await?;
            }
            Self::SlowReaders => figures = do_not_read(&servers[chosen]).await?,
            Self::HalfOpen => figures = half_open(&servers[chosen]).await?,
        }
        figures["recovered"] = json!(recovery(servers).await?.as_secs_f64());
        Ok(Window {
            fault: self,
            from,
            to: now(),
            server,
            figures,
        })
    }
}

/// Waits until all servers know each other again.
async fn recovery(servers: &[Server]) -> Result<Duration> {
    let (began, since) = (Instant::now(), now());
    while !servers.iter().all(|it| it.is_whole(since, servers.len())) {
        ensure!(began.elapsed() < RECOVERY, "the servers do not recover");
        sleep(Duration::from_millis(100)).await;
    }
    Ok(began.elapsed())
}

/// Connects clients to a room with much traffic, which do not read.
async fn do_not_read(server: &Server) -> Result<Value> {
    let before = server.memory();
    let mut asleep = Vec::new();
    for _ in 0..20 {
        let mut connection = Connection::open(server.address).await?;
        connection.enter("noise").await?;
        asleep.push(connection);
    }
    let mut most = before;
    let mut maker = Connection::open(server.address).await?;
    let began = Instant::now();
    // Each of them would receive 50 MB.
    for number in 0..500 {
        maker.make_noise(number).await?;
        most = most.max(server.memory());
        sleep(Duration::from_millis(20)).await;
    }
    drop(maker);
    let gone = loop {
        sleep(Duration::from_millis(200)).await;
        if server.figure("inNoise") == 0 {
            break true;
        }
        if began.elapsed() > Duration::from_secs(45) {
            break false;
        }
    };
    let figures = json!({
        "gone": gone,
        "seconds": began.elapsed().as_secs_f64(),
        "memoryBefore": before,
        "memoryMost": most,
        "memoryAfter": server.memory(),
    });
    drop(asleep);
    Ok(figures)
}

/// Opens connections that send nothing, half of a request, or half of a handshake.
async fn half_open(server: &Server) -> Result<Value> {
    let before = server.memory();
    let mut all = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect(server.address).await?;
        match number % 3 {
            0 => {}
            1 => stream.write_all(b"GET /socket.io/?EIO=4&tra").await?,
            _ => {
                let request = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n";
                stream.write_all(request.as_bytes()).await?;
            }
        }
        all.push(stream);
    }
    let mut most = before;
    for _ in 0..100 {
        sleep(Duration::from_millis(100)).await;
        most = most.max(server.memory());
    }
    drop(all);
    sleep(Duration::from_secs(5)).await;
    Ok(json!({ "memoryBefore": before, "memoryMost": most, "memoryAfter": server.memory() }))
}
