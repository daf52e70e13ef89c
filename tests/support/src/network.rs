//! A proxy between a server and its engine whose faults a test controls.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    /// Nothing arrives, and no connection ends. Data that was sent arrives later, like TCP retransmissions.
    Silent,
    /// Connections are closed, also new ones.
    Cut,
}

/// A proxy to an engine.
#[derive(Debug)]
pub struct Network {
    url: String,
    state: watch::Sender<State>,
}

impl Network {
    /// Starts a proxy to the engine at a URL, whose host is `127.0.0.1`.
    pub async fn to(url: &str) -> Self {
        let (head, rest) = url.split_once("127.0.0.1:").expect("a local address");
        let (port, tail) = rest.split_once('/').unwrap_or((rest, ""));
        let engine: u16 = port.parse().expect("a port");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let here = listener.local_addr().expect("a bound address");
        let state = watch::Sender::new(State::Whole);
        tokio::spawn(accept(listener, engine, state.subscribe()));
        let url = format!("{head}{here}/{tail}");
        Self { url, state }
    }

    /// Returns the URL of the engine through the proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Holds back all bytes; connections stay open.
    pub fn silence(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Closes all connections, and rejects new ones.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Forwards bytes and accepts connections again.
    pub fn heal(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn accept(listener: TcpListener, engine: u16, state: watch::Receiver<State>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(connect(client, engine, state.clone()));
    }
}

async fn connect(client: TcpStream, engine: u16, mut state: watch::Receiver<State>) {
    let is_known = state.wait_for(|state| *state != State::Silent).await;
    if is_known.is_ok_and(|state| *state == State::Cut) {
        return;
    }
    let Ok(engine) = TcpStream::connect(("127.0.0.1", engine)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_engine, to_engine) = engine.into_split();
    let (mut one, mut other) = (state.clone(), state.clone());
    tokio::select! {
        () = async {
            tokio::join!(
                carry(from_client, to_engine, &mut one),
                carry(from_engine, to_client, &mut other),
            );
        } => {}
        _ = state.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &mut watch::Receiver<State>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let is_known = state
            .wait_for(|state| *state != State::Silent)
            .await
            .is_ok();
        if !is_known || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    // While the proxy is silent, the end of a connection does not arrive either.
    let _ = state.wait_for(|state| *state != State::Silent).await;
}
