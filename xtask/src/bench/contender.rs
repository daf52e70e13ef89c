//! The servers to compare.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Stdio,
};

use anyhow::{Context, Result};

use super::DIRECTORY;
use crate::{
    processes::ProcessGroup,
    run::{command, root},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Contender {
    SioTypes,
    ByHand,
    Node,
    NodeWithBufferutil,
    Floor,
}

impl Contender {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::SioTypes => "sio-types",
            Self::ByHand => "socketioxide by hand",
            Self::Node => "Node",
            Self::NodeWithBufferutil => "Node with bufferutil",
            Self::Floor => "bare WebSocket and serde",
        }
    }

    fn program(self) -> Vec<String> {
        let built = |name| vec![built(name).display().to_string()];
        match self {
            Self::SioTypes => built("typed"),
            Self::ByHand => built("by_hand"),
            Self::Floor => built("floor"),
            Self::Node | Self::NodeWithBufferutil => {
                vec!["node".to_owned(), "server.mjs".to_owned()]
            }
        }
    }
}

/// Returns the path of a benchmark program.
pub(super) fn built(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    target.join("release").join(name)
}

/// A shell script that raises the limit of open files to the maximum: each connection needs one.
pub(super) const UNLIMITED: &str = r#"ulimit -n "$(ulimit -Hn)" && exec "$@""#;

/// A running server. Dropping it ends the server.
pub(super) struct Server {
    pub(super) process: ProcessGroup,
    pub(super) url: String,
}

impl Server {
    pub(super) fn start(
        contender: Contender,
        url: &str,
        msgpack: bool,
        core: &str,
    ) -> Result<Self> {
        let mut start = command(
            DIRECTORY,
            "sh",
            &["-c", UNLIMITED, "sh", "taskset", "-c", core],
        );
        start.args(contender.program()).arg(url);
        if msgpack {
            start.env("MSGPACK", "1");
        }
        if contender == Contender::Node {
            start.env("WS_NO_BUFFER_UTIL", "1");
            start.env("WS_NO_UTF_8_VALIDATE", "1");
        }
        let mut process = ProcessGroup::spawn(start.stdout(Stdio::piped()))?;
        let stdout = process
            .child()
            .stdout
            .take()
            .context("its output is not read")?;
        let mut server = Self {
            process,
            url: String::new(),
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ");
        server.url = url.context("the server does not start")?.to_owned();
        Ok(server)
    }
}
