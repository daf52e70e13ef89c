//! The events of the attacked servers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sio_types::prelude::*;
use tokio::sync::watch;

#[events]
pub trait ServerToClient {
    fn said(text: String);
}

#[events]
pub trait ClientToServer {
    /// Broadcasts a text to all other clients.
    fn say(text: String) -> ();
    fn echo(text: String) -> String;
    /// Keeps a thread busy for some milliseconds.
    fn work(milliseconds: u64);
    /// Waits until the test releases it.
    fn wait() -> Result<(), String>;
    /// Like `wait`, but ends when the client has disconnected.
    fn wait_for_me() -> Result<(), String>;
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct App;

#[derive(Clone)]
pub struct Handler {
    pub worked: Arc<AtomicUsize>,
    pub waiting: Arc<AtomicUsize>,
    pub cancelled: Arc<AtomicUsize>,
    pub may_go_on: watch::Sender<bool>,
    pub left: Arc<AtomicUsize>,
}

impl Default for Handler {
    fn default() -> Self {
        Self {
            worked: Arc::default(),
            waiting: Arc::default(),
            cancelled: Arc::default(),
            may_go_on: watch::Sender::new(false),
            left: Arc::default(),
        }
    }
}

impl ClientToServer<Socket<App>> for Handler {
    async fn say(&self, socket: Socket<App>, text: String) {
        let said = socket.broadcast().emit().said(text).await;
        said.expect("everybody has room");
    }

    async fn echo(&self, _: Socket<App>, text: String) -> String {
        text
    }

    async fn work(&self, _: Socket<App>, milliseconds: u64) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(milliseconds) {
            std::hint::spin_loop();
        }
        self.worked.fetch_add(1, Ordering::Relaxed);
    }

    async fn wait(&self, _: Socket<App>) -> Result<(), String> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let mut may_go_on = self.may_go_on.subscribe();
        let _ = may_go_on.wait_for(|may| *may).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }

    async fn wait_for_me(&self, socket: Socket<App>) -> Result<(), String> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        socket.closed().await;
        self.cancelled.fetch_add(1, Ordering::Relaxed);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Lifecycle<App> for Handler {
    async fn disconnected(&self, _: Socket<App>, _: DisconnectReason) {
        self.left.fetch_add(1, Ordering::Relaxed);
    }
}
