//! The state of the connection to a cluster engine.

#![allow(
    dead_code,
    reason = "an engine that is alone in a build does not use all of it"
)]

use std::{
    fmt::Display,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{metrics, support::one_shot::OneShotEvent};

/// State of the connection to the engine.
pub(crate) struct Health {
    is_connected: watch::Sender<bool>,
    /// Time of the last change.
    since: Mutex<Instant>,
    /// Set when the connection is no longer needed.
    pub(crate) ended: OneShotEvent,
    dropped: AtomicU64,
    /// The reason why there is no connection.
    problem: Mutex<String>,
}

impl Health {
    pub(crate) fn new(is_connected: bool) -> Self {
        Self {
            is_connected: watch::Sender::new(is_connected),
            since: Mutex::new(Instant::now()),
            ended: OneShotEvent::default(),
            dropped: AtomicU64::new(0),
            problem: Mutex::default(),
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        *self.is_connected.borrow()
    }

    /// Returns the time since the state last changed.
    pub(crate) fn lasts(&self) -> Duration {
        self.since().elapsed()
    }

    fn since(&self) -> MutexGuard<'_, Instant> {
        self.since
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(crate) fn dropped_messages(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn problem(&self) -> String {
        let problem = self.problem.lock();
        problem
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    /// Resolves when there is a connection.
    pub(crate) async fn wait(&self) {
        let mut is_connected = self.is_connected.subscribe();
        // The sender is in `self`.
        let _ = is_connected.wait_for(|is_connected| *is_connected).await;
    }

    /// Resolves when there is no connection.
    pub(crate) async fn gone(&self) {
        let mut is_connected = self.is_connected.subscribe();
        // The sender is in `self`.
        let _ = is_connected.wait_for(|is_connected| !is_connected).await;
    }

    pub(crate) fn connected(&self) {
        if !self.is_connected.send_replace(true) {
            *self.since() = Instant::now();
            metrics::cluster_connected(true);
            tracing::info!("connected to the cluster engine");
        }
    }

    pub(crate) fn disconnected(&self, problem: &dyn Display) {
        let text = problem.to_string();
        let mut known = self
            .problem
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let was_connected = self.is_connected.send_replace(false);
        if was_connected {
            *self.since() = Instant::now();
        }
        metrics::cluster_connected(false);
        if (was_connected || *known != text) && !self.ended.is_set() {
            tracing::warn!(problem = %text, "no connection to the cluster engine; messages to other servers are dropped until it is back");
        }
        *known = text;
    }

    /// Counts a message that could not be delivered.
    pub(crate) fn lose(&self, what: &str, problem: &dyn Display) {
        let lost = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
        metrics::cluster_lost();
        // Logs the first loss, and then every power of two: a long outage must not fill the log.
        if lost.is_power_of_two() {
            tracing::warn!(%problem, lost, "{what} lost");
        }
    }
}

#[cfg(all(test, feature = "redis"))]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, MutexGuard},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().expect("no panic holds it")
        }
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn outage_logs_only_a_few_lines() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        tracing::subscriber::with_default(subscriber.finish(), || {
            let health = Health::new(false);
            health.connected();
            for _ in 0..1_000 {
                health.disconnected(&"connection refused");
            }
            for _ in 0..100_000 {
                health.lose("message", &"not connected");
            }
            health.connected();
        });
        let log = String::from_utf8(log.bytes().clone()).expect("text");
        let count = |part: &str| log.lines().filter(|line| line.contains(part)).count();
        assert_eq!(count("INFO"), 2, "{log}");
        assert_eq!(count("no connection"), 1, "{log}");
        assert_eq!(count("message lost"), 17, "every power of two: {log}");
        assert_eq!(log.lines().count(), 20);
    }
}
