//! Node.js servers as members of the cluster.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::event::Outcome;

/// Configuration of the interoperation with Node.js servers.
#[derive(Debug, Clone)]
pub(crate) struct InteropConfig {
    /// Prefix of their channels.
    pub(crate) prefix: String,
    pub(crate) protocol: InteropProtocol,
}

/// The adapter that the Node.js servers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InteropProtocol {
    /// [`createAdapter`](https://socket.io/docs/v4/redis-adapter/#usage).
    Classic,
    /// [`createShardedAdapter`](https://socket.io/docs/v4/redis-adapter/#with-redis-sharded-pubsub).
    Sharded,
}

/// This server as a member among Node.js servers.
pub(crate) trait Interop: Send + Sync {
    /// Joins a namespace. Does nothing if it is joined already.
    fn join(&self, namespace: &str);

    /// Leaves a namespace until it is joined again.
    fn leave(&self, namespace: &str);

    /// Sends an inter-server event to the Node.js servers.
    fn emit<'a>(&'a self, namespace: &'a str, packet: Value) -> BoxFuture<'a, ()>;

    /// Sends an inter-server event and waits until each Node.js server has answered, for at most `timeout`. `ours` is
    /// the number of subscribed servers that are not Node.js servers.
    fn emit_with_ack<'a>(
        &'a self,
        namespace: &'a str,
        packet: Value,
        ours: usize,
        timeout: Duration,
    ) -> BoxFuture<'a, InteropAnswers>;
}

/// The answers of the Node.js servers.
pub(crate) struct InteropAnswers {
    pub(crate) answers: Vec<Outcome>,
    /// Number of servers that did not answer.
    pub(crate) missing: usize,
}
