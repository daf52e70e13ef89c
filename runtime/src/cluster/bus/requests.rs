//! Requests to other servers and their answers.

use std::{
    collections::{HashMap, HashSet},
    sync::{MutexGuard, atomic::Ordering},
    time::Duration,
};

use tokio::sync::mpsc;

use super::{Bus, envelope::Body};
use crate::{
    cluster::event::Outcome,
    contract::server_id::ServerId,
    metrics::{self, Moment},
};

/// Maximum time that a message on the bus waits for a server that does not answer an adapter.
const FLUSH: Duration = Duration::from_secs(1);

/// A message of another server about a request.
pub(super) enum RequestUpdate {
    Answered(ServerId, Outcome),
    /// The server has left and will not answer.
    ServerLeft(ServerId),
}

/// The answers to a request.
pub(crate) struct Gathered {
    pub(crate) answers: Vec<(ServerId, Outcome)>,
    /// The servers that did not answer.
    pub(crate) missing: Vec<ServerId>,
}

impl Bus {
    /// Sends a request to all other servers. Waits until each has answered or the timeout elapses.
    pub(crate) async fn ask(
        &self,
        timeout: Option<Duration>,
        body: impl FnOnce(u64) -> Body,
    ) -> Gathered {
        let servers = self.members().await;
        self.ask_these(servers, timeout, body).await
    }

    /// Sends a request to all other servers, but waits only for the given ones.
    pub(crate) async fn ask_these(
        &self,
        servers: HashSet<ServerId>,
        timeout: Option<Duration>,
        body: impl FnOnce(u64) -> Body,
    ) -> Gathered {
        let mut waiting = servers;
        let mut answers = Vec::new();
        // Without a connection, no server would answer.
        if !waiting.is_empty() && self.cluster.health().is_connected() {
            let begun = Moment::now();
            let mut request = Request::new(self);
            self.send(self.channel(None), &body(request.number)).await;
            let timeout = timeout.unwrap_or(self.cluster.settings.request_timeout);
            let deadline = tokio::time::Instant::now() + timeout;
            while !waiting.is_empty() {
                match tokio::time::timeout_at(deadline, request.updates.recv()).await {
                    Ok(Some(RequestUpdate::Answered(node, outcome))) => {
                        waiting.remove(&node);
                        answers.push((node, outcome));
                    }
                    Ok(Some(RequestUpdate::ServerLeft(node))) => {
                        waiting.remove(&node);
                    }
                    Ok(None) | Err(_) => break,
                }
            }
            metrics::bus_requested(begun, waiting.len());
        }
        Gathered {
            answers,
            missing: waiting.into_iter().collect(),
        }
    }

    /// Waits until the other servers have handled the messages that an adapter has sent them. `asked` is a request to
    /// them by the same adapter: the bus and the adapters use separate channels, and messages on different channels
    /// have no common order.
    pub(crate) async fn flush(&self, asked: impl Future) {
        if self.cluster.health().is_connected() {
            let timeout = self.request_timeout().min(FLUSH);
            // The message is sent even if the timeout elapses: delivery matters more than order.
            let _ = tokio::time::timeout(timeout, asked).await;
        }
    }

    /// Marks servers that did not answer a request that every server answers. A server counts again as soon as this
    /// server receives a message from it.
    pub(crate) fn forget(&self, nodes: &[ServerId]) {
        for node in nodes {
            self.members.mark_silent(*node);
        }
    }

    pub(super) fn requests(
        &self,
    ) -> MutexGuard<'_, HashMap<u64, mpsc::UnboundedSender<RequestUpdate>>> {
        self.requests
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A pending request. Dropping it removes it from the bus.
struct Request<'a> {
    bus: &'a Bus,
    number: u64,
    updates: mpsc::UnboundedReceiver<RequestUpdate>,
}

impl<'a> Request<'a> {
    fn new(bus: &'a Bus) -> Self {
        let number = bus.next_request.fetch_add(1, Ordering::Relaxed);
        let (sender, updates) = mpsc::unbounded_channel();
        bus.requests().insert(number, sender);
        Self {
            bus,
            number,
            updates,
        }
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        self.bus.requests().remove(&self.number);
    }
}
