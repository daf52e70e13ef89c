//! What fails.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::{
    client::Connection,
    ledger::{Time, now},
    processes::{Redis, Server},
};

/// How long everything may take to be whole again.
const RECOVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    RedisKilled,
    /// For less than it takes to notice.
    RedisSlow,
    ServerKilled,
    SlowReaders,
    /// For longer than it takes to notice.
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

/// When a fault began and when all was whole again.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) fault: Fault,
    pub(crate) from: Time,
    pub(crate) to: Time,
    /// The server that was gone, if any.
    pub(crate) server: Option<usize>,
    /// How long after the engine or the server was back, in seconds, and other figures.
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

    /// `true` if events between servers may be lost meanwhile.
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

/// Waits until all servers know each other.
async fn recovery(servers: &[Server]) -> Result<Duration> {
    let (began, since) = (Instant::now(), now());
    while !servers.iter().all(|it| it.is_whole(since, servers.len())) {
        ensure!(began.elapsed() < RECOVERY, "the servers do not recover");
        sleep(Duration::from_millis(100)).await;
    }
    Ok(began.elapsed())
}

/// Clients in a room where there is noise, which do not read.
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
    // 50 MB for each of them, had they read.
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

/// Connections that say nothing, half of a request, or half of a handshake.
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
