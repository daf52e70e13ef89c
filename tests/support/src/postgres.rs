//! A PostgreSQL server.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    command::run,
    engine::{Engine, Freeze, certificate, free_port, listening},
};

/// A PostgreSQL server with its own data directory.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    process: Child,
    directory: TempDir,
}

impl Postgres {
    /// Starts a server that trusts everyone.
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
        listening(port).await;
        Self {
            port,
            process,
            directory,
        }
    }

    /// Starts a server that requires TLS and has a self-signed certificate.
    pub async fn start_with_tls() -> Self {
        let mut this = Self::start().await;
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
        std::fs::write(&settings, text).expect("the file is writable");
        std::fs::write(data.join("pg_hba.conf"), "hostssl all all all trust\n")
            .expect("the file is writable");
        this.kill();
        this.restart().await;
        this
    }

    /// Returns a URL that makes the client verify the certificate against a trusted one.
    pub fn verified_url(&self, trusted: &Path) -> String {
        let port = self.port;
        let trusted = trusted.display();
        format!(
            "postgres://postgres@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={trusted}"
        )
    }

    /// Returns the path of the certificate that a client has to trust.
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
            .expect("PostgreSQL is installed; `cargo xtask test` installs it")
    }

    /// Returns the process id of the postmaster.
    fn postmaster(&self) -> String {
        let pid = std::fs::read_to_string(self.directory.path().join("data/postmaster.pid"));
        let pid = pid.expect("the server runs");
        pid.lines().next().expect("a process id").to_owned()
    }
}

impl Engine for Postgres {
    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn kill(&mut self) {
        // The postmaster's children end with it.
        run(Command::new("kill").args(["-QUIT", &self.postmaster()]));
        self.process.wait().expect("the server ends");
    }

    async fn restart(&mut self) {
        self.process = Self::spawn(self.port, &self.directory.path().join("data"));
        listening(self.port).await;
    }
}

impl Freeze for Postgres {
    /// Returns the postmaster and the process of each connection.
    fn processes(&self) -> Vec<u32> {
        let pid = self.postmaster();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let all = format!("{pid} {}", children.expect("Linux"));
        all.split_whitespace()
            .map(|pid| pid.parse().expect("a process id"))
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

fn is_root() -> bool {
    run(Command::new("id").arg("-u")) == "0\n"
}

/// Returns a run of one of PostgreSQL's programs, which refuse to run as root.
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

/// Debian does not put the programs on the path.
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
