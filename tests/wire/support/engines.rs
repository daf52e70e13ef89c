//! Real Redis and PostgreSQL processes, on free ports, that can be killed and started again.

#[path = "engines/network.rs"]
mod network;
#[path = "engines/redis.rs"]
mod redis;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

pub use network::Network;
pub use redis::{Redis, RedisCluster, RedisSentinel, RedisTls};
use tempfile::TempDir;
use tokio::net::TcpStream;

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound address").port()
}

async fn wait_for(port: u16) {
    for _ in 0..300 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing listens on port {port}");
}

/// An engine of clusters.
pub trait Engine {
    fn url(&self) -> String;
    /// Kills the process, as a crash would.
    fn kill(&mut self);
    /// Starts it again.
    async fn restart(&mut self);
}

/// An engine whose processes can be stopped without an end: it answers nothing, and its connections stand.
pub trait Freeze: Engine {
    fn processes(&self) -> Vec<u32>;

    fn freeze(&self) {
        signal("-STOP", &self.processes());
    }

    fn thaw(&self) {
        signal("-CONT", &self.processes());
    }
}

/// Sends a signal to processes.
pub fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(ToString::to_string);
    run(Command::new("kill").arg(name).args(processes));
}

/// A PostgreSQL server with a directory of its own.
pub struct Postgres {
    port: u16,
    process: Child,
    directory: TempDir,
}

impl Postgres {
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data = directory.path().join("data");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(directory.path()));
        }
        run(as_postgres("initdb")
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--pgdata",
            ])
            .arg(&data));
        let port = free_port();
        let process = Self::spawn(port, &data);
        wait_for(port).await;
        Self {
            port,
            process,
            directory,
        }
    }

    /// One that speaks TLS, by a certificate that nobody knows.
    pub async fn start_with_tls() -> Self {
        let this = Self::start().await;
        let data = this.directory.path().join("data");
        let (certificate, key) = certificate(this.directory.path());
        for (file, name) in [(&certificate, "server.crt"), (&key, "server.key")] {
            let mut install = Command::new("install");
            install.args(["-m", "600"]);
            if is_root() {
                install.args(["-o", "postgres"]);
            }
            run(install.arg(file).arg(data.join(name)));
        }
        let settings = data.join("postgresql.conf");
        let mut text = std::fs::read_to_string(&settings).expect("initdb writes it");
        text.push_str("\nssl = on\n");
        std::fs::write(&settings, text).expect("it can be written");
        std::fs::write(data.join("pg_hba.conf"), "hostssl all all all trust\n").expect("it can be");
        let mut this = this;
        this.kill();
        this.restart().await;
        this
    }

    /// A URL that has the certificate verified, by one that is trusted.
    pub fn verified_url(&self, trusted: &Path) -> String {
        let port = self.port;
        let trusted = trusted.display();
        format!(
            "postgres://postgres@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={trusted}"
        )
    }

    /// What a client has to trust.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("cert.pem")
    }

    fn spawn(port: u16, data: &Path) -> Child {
        as_postgres("postgres")
            .args([
                "-F",
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .args(["-p", &port.to_string(), "-D"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PostgreSQL is installed; `cargo xtask test` does it")
    }
}

impl Engine for Postgres {
    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn kill(&mut self) {
        let pid = std::fs::read_to_string(self.directory.path().join("data/postmaster.pid"));
        let pid = pid.expect("it runs");
        let pid = pid.lines().next().expect("a number").to_owned();
        // The postmaster's children end with it.
        run(Command::new("kill").args(["-QUIT", &pid]));
        self.process.wait().expect("it ends");
    }

    async fn restart(&mut self) {
        self.process = Self::spawn(self.port, &self.directory.path().join("data"));
        wait_for(self.port).await;
    }
}

impl Freeze for Postgres {
    /// The one that listens, and one for each connection.
    fn processes(&self) -> Vec<u32> {
        let pid = std::fs::read_to_string(self.directory.path().join("data/postmaster.pid"));
        let pid = pid.expect("it runs");
        let pid = pid.lines().next().expect("a number").to_owned();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let all = format!("{pid} {}", children.expect("Linux"));
        all.split_whitespace()
            .map(|pid| pid.parse().expect("a number"))
            .collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.kill();
        }
    }
}

/// Makes a certificate of `localhost`, and its key, both in files.
fn certificate(directory: &Path) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let made = made.expect("a certificate");
    let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("the directory is ours");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("the directory is ours");
    (certificate, key)
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id");
    output.stdout == b"0\n"
}

/// A program of PostgreSQL's, which refuses to run as root. Debian does not put it on the path.
fn as_postgres(program: &str) -> Command {
    let program = program_path(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command.arg(program).current_dir("/");
    command
}

fn program_path(program: &str) -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut versions: Vec<_> = debian.flatten().map(|entry| entry.path()).collect();
    versions.sort();
    let found = versions
        .into_iter()
        .rev()
        .map(|version| version.join("bin").join(program))
        .find(|path| path.exists());
    found.unwrap_or_else(|| program.into())
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
