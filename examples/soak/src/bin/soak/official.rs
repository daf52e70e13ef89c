//! Official clients on Node.js. Some use polling, and some upgrade from it.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use crate::{ledger::Time, processes::Server};

pub(crate) struct Official(Child);

/// Messages that the official clients sent and received.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Heard {
    pub(crate) sent: u64,
    pub(crate) acknowledged: u64,
    pub(crate) heard: u64,
    pub(crate) doubled: u64,
    pub(crate) unanswered: Vec<Ended>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) ends: Vec<Ended>,
}

/// A message that another client did not receive, identified by the messages before and after it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Missing {
    pub(crate) servers: (usize, usize),
    pub(crate) from: Time,
    pub(crate) to: Time,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) at: Time,
    pub(crate) server: usize,
    pub(crate) why: String,
}

impl Official {
    pub(crate) fn start(servers: &[Server], count: u32) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let addresses: Vec<_> = servers
            .iter()
            .map(|server| format!("http://{}", server.address))
            .collect();
        let process = Command::new("node")
            .current_dir(root.join("tests/wire"))
            .arg("soak.mjs")
            .env("SERVERS", addresses.join(" "))
            .env("COUNT", count.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node")?;
        Ok(Self(process))
    }

    /// Stops the clients and returns their report.
    pub(crate) async fn stop(mut self) -> Result<Heard> {
        let mut stdin = self.0.stdin.take().context("it is piped")?;
        stdin.write_all(b"stop\n").await?;
        let output = self.0.wait_with_output();
        let output = tokio::time::timeout(Duration::from_secs(60), output).await??;
        serde_json::from_slice(&output.stdout).context("what the official clients say")
    }
}
