//! Engines of a cluster: real processes on free ports, which tests kill and restart.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
};

use tokio::net::TcpStream;

use crate::{command::signal, until};

/// An engine of a cluster.
pub trait Engine {
    /// Returns the URL that servers connect to.
    fn url(&self) -> String;

    /// Kills the process, as a crash would.
    fn kill(&mut self);

    /// Starts a killed engine again, and waits until it listens.
    fn restart(&mut self) -> impl Future<Output = ()>;
}

/// An engine whose processes can be stopped and continued. While stopped, it answers nothing, and its connections stay
/// open.
pub trait Freeze: Engine {
    /// Returns the ids of the engine's processes.
    fn processes(&self) -> Vec<u32>;

    /// Stops the processes.
    fn freeze(&self) {
        signal("-STOP", &self.processes());
    }

    /// Continues the processes.
    fn thaw(&self) {
        signal("-CONT", &self.processes());
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the listener is bound");
    address.port()
}

/// Waits until a process listens on a port.
pub(crate) async fn listening(port: u16) {
    until(&format!("port {port} accepts connections"), async || {
        TcpStream::connect(("127.0.0.1", port)).await.is_ok()
    })
    .await;
}

/// Writes a self-signed certificate of `localhost` and its key to a directory, and returns the paths of both.
pub(crate) fn certificate(directory: &Path) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let made = made.expect("a certificate");
    let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("the directory is writable");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("the directory is writable");
    (certificate, key)
}
