//! Questions to other servers, and waiting for their answers.

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

/// How long a message on the bus may be held up by a server that does not answer an adapter.
const FLUSH: Duration = Duration::from_secs(1);

/// What a request hears of another server.
pub(super) enum Heard {
    Answer(ServerId, Outcome),
    /// It has left, and will not answer.
    Gone(ServerId),
}

/// What came of a request.
pub(crate) struct Gathered {
    pub(crate) answers: Vec<(ServerId, Outcome)>,
    /// The servers that did not answer.
    pub(crate) missing: Vec<ServerId>,
}

impl Bus {
    /// Asks all other servers, and waits until each has answered or the time is up.
    pub(crate) async fn ask(
        &self,
        timeout: Option<Duration>,
        body: impl FnOnce(u64) -> Body,
    ) -> Gathered {
        let servers = self.members().await;
        self.ask_these(servers, timeout, body).await
    }

    /// The same, and waits for these servers alone.
    pub(crate) async fn ask_these(
        &self,
        servers: HashSet<ServerId>,
        timeout: Option<Duration>,
        body: impl FnOnce(u64) -> Body,
    ) -> Gathered {
        let mut waiting = servers;
        let mut answers = Vec::new();
        // Without a connection nobody would answer.
        if !waiting.is_empty() && self.cluster.health().is_connected() {
            let begun = Moment::now();
            let mut request = Request::new(self);
            self.send(self.channel(None), &body(request.number)).await;
            let timeout = timeout.unwrap_or(self.cluster.settings.request_timeout);
            let deadline = tokio::time::Instant::now() + timeout;
            while !waiting.is_empty() {
                match tokio::time::timeout_at(deadline, request.heard.recv()).await {
                    Ok(Some(Heard::Answer(node, outcome))) => {
                        waiting.remove(&node);
                        answers.push((node, outcome));
                    }
                    Ok(Some(Heard::Gone(node))) => {
                        waiting.remove(&node);
                    }
                    Ok(None) | Err(_) => break,
                }
            }
            metrics::bus_asked(begun, waiting.len());
        }
        Gathered {
            answers,
            missing: waiting.into_iter().collect(),
        }
    }

    /// Waits until the other servers have handled what an adapter has sent them: `asked` is a request to them by the
    /// same adapter. The bus and the adapters have channels of their own, between which there is no order.
    pub(crate) async fn flush(&self, asked: impl Future) {
        if self.cluster.health().is_connected() {
            let timeout = self.request_timeout().min(FLUSH);
            // Order is worth less than that the other servers are told at all.
            let _ = tokio::time::timeout(timeout, asked).await;
        }
    }

    /// Forgets servers that did not answer a question that every server answers: they are heard of again if they are
    /// there.
    pub(crate) fn forget(&self, nodes: &[ServerId]) {
        for node in nodes {
            self.members.mark_silent(*node);
        }
    }

    pub(super) fn requests(&self) -> MutexGuard<'_, HashMap<u64, mpsc::UnboundedSender<Heard>>> {
        self.requests
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A request that waits for answers; nothing is left of it when it is dropped.
struct Request<'a> {
    bus: &'a Bus,
    number: u64,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl<'a> Request<'a> {
    fn new(bus: &'a Bus) -> Self {
        let number = bus.next_request.fetch_add(1, Ordering::Relaxed);
        let (sender, heard) = mpsc::unbounded_channel();
        bus.requests().insert(number, sender);
        Self { bus, number, heard }
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        self.bus.requests().remove(&self.number);
    }
}
