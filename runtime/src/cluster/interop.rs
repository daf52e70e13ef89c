//! Servers of Node.js as members of the cluster.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::event::Outcome;

/// How servers of Node.js are reached.
#[derive(Debug, Clone)]
pub(crate) struct InteropConfig {
    /// What their channels begin with.
    pub(crate) prefix: String,
    pub(crate) protocol: InteropProtocol,
}

/// Which of the adapters for Node.js the servers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InteropProtocol {
    /// [`createAdapter`](https://socket.io/docs/v4/redis-adapter/#usage).
    Classic,
    /// [`createShardedAdapter`](https://socket.io/docs/v4/redis-adapter/#with-redis-sharded-pubsub).
    Sharded,
}

/// This server among servers of Node.js.
pub(crate) trait Interop: Send + Sync {
    /// Joins a namespace, from the first call on.
    fn join(&self, namespace: &str);

    /// Leaves a namespace until it is joined again.
    fn leave(&self, namespace: &str);

    /// Sends an inter-server event.
    fn emit<'a>(&'a self, namespace: &'a str, packet: Value) -> BoxFuture<'a, ()>;

    /// Sends an inter-server event and waits until each server of Node.js has answered, at most for `timeout`. `ours` is
    /// the number of listening servers that are not of Node.js.
    fn emit_with_ack<'a>(
        &'a self,
        namespace: &'a str,
        packet: Value,
        ours: usize,
        timeout: Duration,
    ) -> BoxFuture<'a, InteropAnswers>;
}

/// What the servers of Node.js have answered.
pub(crate) struct InteropAnswers {
    pub(crate) answers: Vec<Outcome>,
    /// Number of servers that have not.
    pub(crate) missing: usize,
}
