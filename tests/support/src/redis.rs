//! Redis as a single server, with sentinels, as a cluster, and with TLS.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    command::{output, run},
    engine::{Engine, Freeze, certificate, free_port, listening},
    until,
};

/// A process that is killed when this is dropped.
#[derive(Debug)]
struct Process(Child);

impl Process {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new("redis-server");
        command.current_dir(directory).args(arguments);
        let started = command.stdout(Stdio::null()).spawn();
        Self(started.expect("redis-server is installed; `cargo xtask test` installs it"))
    }

    fn kill(&mut self) {
        // The process may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn server(directory: &Path, port: u16, more: &[&str]) -> Process {
    let port = port.to_string();
    let mut arguments = vec!["--port", &port, "--save", "", "--appendonly", "no"];
    arguments.extend(more);
    Process::start(directory, &arguments)
}

/// Returns what `redis-cli` prints.
fn ask(port: u16, question: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    command.args(["-p", &port.to_string()]).args(question);
    let output = output(&mut command);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A single server.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    directory: TempDir,
    process: Process,
}

impl Redis {
    /// Starts a server.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server that requires a password.
    pub async fn start_with_password(password: &str) -> Self {
        Self::start_with(&["--requirepass", password]).await
    }

    /// Returns the channels, sharded ones included, that have subscribers and whose names match a pattern.
    pub fn channels(&self, pattern: &str) -> Vec<String> {
        let asked =
            ["CHANNELS", "SHARDCHANNELS"].map(|what| ask(self.port, &["PUBSUB", what, pattern]));
        let lines = asked.iter().flat_map(|answer| answer.lines());
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }

    async fn start_with(settings: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port();
        let process = server(directory.path(), port, settings);
        listening(port).await;
        Self {
            port,
            directory,
            process,
        }
    }
}

impl Engine for Redis {
    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn kill(&mut self) {
        self.process.kill();
    }

    async fn restart(&mut self) {
        self.process = server(self.directory.path(), self.port, &[]);
        listening(self.port).await;
    }
}

impl Freeze for Redis {
    fn processes(&self) -> Vec<u32> {
        vec![self.process.0.id()]
    }
}

/// A leader, its replica, and a sentinel that monitors both.
#[derive(Debug)]
pub struct RedisSentinel {
    ports: [u16; 2],
    servers: [Process; 2],
    sentinel: u16,
    directory: TempDir,
    _process: Process,
    /// Index of the server that leads.
    leader: usize,
}

impl RedisSentinel {
    const FAST: [&str; 2] = ["--repl-diskless-sync-delay", "0"];

    /// Starts the processes, and waits until the sentinel knows the replica.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path();
        let (ports, sentinel) = ([free_port(), free_port()], free_port());
        let leader = ports[0].to_string();
        let follow = ["--replicaof", "127.0.0.1", &leader];
        let servers = [
            server(path, ports[0], &Self::FAST),
            server(path, ports[1], &[&Self::FAST[..], &follow].concat()),
        ];
        for port in ports {
            listening(port).await;
        }
        let settings = path.join("sentinel.conf");
        let text = format!(
            "port {sentinel}\nsentinel monitor main 127.0.0.1 {leader} 1\n\
             sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n"
        );
        std::fs::write(&settings, text).expect("the directory is writable");
        let settings = settings.to_str().expect("a plain path");
        let process = Process::start(path, &[settings, "--sentinel"]);
        listening(sentinel).await;
        until("the sentinel knows the replica", async || {
            ask(sentinel, &["sentinel", "replicas", "main"]).contains(&ports[1].to_string())
        })
        .await;
        Self {
            ports,
            servers,
            sentinel,
            directory,
            _process: process,
            leader: 0,
        }
    }
}

impl Engine for RedisSentinel {
    fn url(&self) -> String {
        // Nothing listens at the address of the first sentinel.
        let (away, here) = (free_port(), self.sentinel);
        format!("redis-sentinel://127.0.0.1:{away}?node=127.0.0.1:{here}&sentinelServiceName=main")
    }

    fn kill(&mut self) {
        self.servers[self.leader].kill();
    }

    /// Waits until the replica leads, and restarts the killed server as its replica.
    async fn restart(&mut self) {
        let (killed, heir) = (self.leader, 1 - self.leader);
        let leader = self.ports[heir].to_string();
        until("the replica leads", async || {
            ask(self.sentinel, &["sentinel", "master", "main"]).contains(&leader)
                && ask(self.ports[heir], &["role"]).starts_with("master")
        })
        .await;
        let path = self.directory.path();
        let follow = ["--replicaof", "127.0.0.1", &leader];
        let settings = [&Self::FAST[..], &follow].concat();
        self.servers[killed] = server(path, self.ports[killed], &settings);
        until("the restarted server is a replica", async || {
            ask(self.ports[killed], &["info", "replication"]).contains("master_link_status:up")
                && ask(self.sentinel, &["sentinel", "replicas", "main"]).contains("flags\nslave\n")
        })
        .await;
        self.leader = heir;
    }
}

/// A cluster of three nodes.
#[derive(Debug)]
pub struct RedisCluster {
    ports: Vec<u16>,
    nodes: Vec<Process>,
    _directories: Vec<TempDir>,
}

impl RedisCluster {
    /// Starts the nodes, and waits until they are one cluster.
    pub async fn start() -> Self {
        let mut this = Self {
            ports: Vec::new(),
            nodes: Vec::new(),
            _directories: Vec::new(),
        };
        for _ in 0..3 {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let port = free_port();
            let bus = free_port().to_string();
            let settings = ["--cluster-enabled", "yes", "--cluster-port", &bus];
            let timeout = ["--cluster-node-timeout", "2000"];
            let settings = [&settings[..], &timeout].concat();
            this.nodes.push(server(directory.path(), port, &settings));
            this.ports.push(port);
            this._directories.push(directory);
            listening(port).await;
        }
        let addresses = this.ports.iter().map(|port| format!("127.0.0.1:{port}"));
        run(Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(addresses)
            .arg("--cluster-yes"));
        for port in &this.ports {
            until("the cluster is whole", async || {
                ask(*port, &["cluster", "info"]).contains("cluster_state:ok")
            })
            .await;
        }
        this
    }
}

impl Engine for RedisCluster {
    fn url(&self) -> String {
        let [first, second, third] = self.ports[..] else {
            panic!("there are three nodes");
        };
        format!("redis-cluster://127.0.0.1:{first}?node=127.0.0.1:{second}&node=127.0.0.1:{third}")
    }

    /// Kills one node.
    fn kill(&mut self) {
        self.nodes[0].kill();
    }

    /// Does nothing: the other nodes continue without the killed one.
    async fn restart(&mut self) {}
}

/// A server that requires TLS and has a self-signed certificate.
#[derive(Debug)]
pub struct RedisTls {
    port: u16,
    directory: TempDir,
    _process: Process,
}

impl RedisTls {
    /// Starts a server.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path();
        certificate(path);
        let port = free_port();
        let tls_port = port.to_string();
        let settings = ["--tls-port", &tls_port, "--tls-auth-clients", "no"];
        let files = ["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem"];
        let process = server(path, 0, &[&settings[..], &files].concat());
        listening(port).await;
        Self {
            port,
            directory,
            _process: process,
        }
    }

    /// Returns the URL that servers connect to.
    pub fn url(&self) -> String {
        format!("rediss://localhost:{}", self.port)
    }

    /// Returns the path of the certificate that a client has to trust.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("cert.pem")
    }
}
