//! Node's servers as members of the cluster: the part of `@socket.io/redis-adapter` that carries inter-server events.
//!
//! Its messages are JSON on two channels for each namespace, for requests and for responses. A member is counted by its
//! subscription to the first, and has to answer every kind of request, or Node's servers wait for it in vain; of sockets
//! it says that it has none, for Node cannot reach them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use socketioxide_redis::drivers::Driver;
use tokio::sync::mpsc;

use super::{
    bus::{BUFFER, Bus, IncomingEvent, NodeReply, Outcome},
    engine::{Backoff, redis::RedisDriver},
};
use crate::wire::Message;

/// What the ids of our servers begin with, by which they know each other.
const OURS: &str = "sio-types:";

/// The kinds of requests, of
/// [`RequestType`](https://github.com/socketio/socket.io/blob/main/packages/socket.io-redis-adapter/lib/index.ts).
mod kind {
    pub(super) const SOCKETS: u64 = 0;
    pub(super) const ALL_ROOMS: u64 = 1;
    pub(super) const REMOTE_FETCH: u64 = 5;
    pub(super) const SERVER_SIDE_EMIT: u64 = 6;
    pub(super) const BROADCAST: u64 = 7;
    pub(super) const BROADCAST_CLIENT_COUNT: u64 = 8;
}

/// This server among Node's.
pub(crate) struct Interop {
    driver: RedisDriver,
    prefix: String,
    uid: String,
    bus: Weak<Bus>,
    namespaces: Mutex<HashSet<String>>,
    requests: Mutex<HashMap<String, mpsc::UnboundedSender<Value>>>,
}

/// Where the answer to one of Node's servers goes.
#[derive(Clone)]
pub(crate) struct ServiceReply {
    interop: Weak<Interop>,
    namespace: String,
    request: String,
}

/// What Node's servers have answered.
pub(crate) struct Answers {
    pub(crate) answers: Vec<Outcome>,
    /// How many have not.
    pub(crate) missing: usize,
}

impl Interop {
    pub(super) fn new(driver: RedisDriver, prefix: String, bus: &Arc<Bus>) -> Arc<Self> {
        Arc::new(Self {
            driver,
            prefix,
            uid: format!("{OURS}{}", bus.node()),
            bus: Arc::downgrade(bus),
            namespaces: Mutex::default(),
            requests: Mutex::default(),
        })
    }

    /// Takes part in a namespace, from the first time on.
    pub(crate) fn join(self: &Arc<Self>, namespace: &str) {
        if lock(&self.namespaces).insert(namespace.to_owned()) {
            tokio::spawn(listen(Arc::downgrade(self), namespace.to_owned()));
        }
    }

    fn request_channel(&self, namespace: &str) -> String {
        format!("{}-request#{namespace}#", self.prefix)
    }

    fn response_channel(&self, namespace: &str) -> String {
        format!("{}-response#{namespace}#", self.prefix)
    }

    async fn publish(&self, channel: String, message: &Value) {
        // What cannot be sent is lost, and counted by the driver.
        let _ = self
            .driver
            .publish(channel, message.to_string().into())
            .await;
    }

    /// Tells Node's servers.
    pub(crate) async fn tell(&self, namespace: &str, packet: Value) {
        let request = json!({ "uid": self.uid, "type": kind::SERVER_SIDE_EMIT, "data": packet });
        self.publish(self.request_channel(namespace), &request)
            .await;
    }

    /// Asks Node's servers, and waits until each has answered or the time is up. `ours` is how many of the listening
    /// servers are none of Node's.
    pub(crate) async fn ask(
        &self,
        namespace: &str,
        packet: Value,
        ours: usize,
        timeout: Duration,
    ) -> Answers {
        let channel = self.request_channel(namespace);
        let listening = self.driver.num_serv(&channel).await.unwrap_or(0);
        let mut missing = usize::from(listening).saturating_sub(ours);
        let mut answers = Vec::new();
        if missing == 0 {
            return Answers { answers, missing };
        }
        let number = socketioxide_core::Sid::new().to_string();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        lock(&self.requests).insert(number.clone(), sender);
        let request = json!({
            "uid": self.uid,
            "requestId": number,
            "type": kind::SERVER_SIDE_EMIT,
            "data": packet,
        });
        self.publish(channel, &request).await;
        let deadline = tokio::time::Instant::now() + timeout;
        while missing > 0 {
            let Ok(Some(answer)) = tokio::time::timeout_at(deadline, receiver.recv()).await else {
                break;
            };
            missing -= 1;
            answers.push(Outcome::Json(answer.to_string()));
        }
        lock(&self.requests).remove(&number);
        Answers { answers, missing }
    }

    async fn receive(self: &Arc<Self>, namespace: &str, channel: &str, message: &[u8]) {
        let Some(message) = read(message) else {
            return;
        };
        if channel == self.response_channel(namespace) {
            self.answered(&message);
        } else {
            self.requested(namespace, message).await;
        }
    }

    fn answered(&self, response: &Value) {
        let request = response["requestId"].as_str().unwrap_or_default();
        if let Some(sender) = lock(&self.requests).get(request) {
            // Who asked may have gone.
            let _ = sender.send(json!([response["data"]]));
        }
    }

    async fn requested(self: &Arc<Self>, namespace: &str, mut request: Value) {
        let number = request["requestId"].as_str().map(str::to_owned);
        let ours = |uid: &str| uid.starts_with(OURS);
        if request["uid"].as_str().is_some_and(ours) {
            return;
        }
        let nothing = match request["type"].as_u64() {
            Some(kind::SERVER_SIDE_EMIT) => {
                return self.event(namespace, request["data"].take(), number);
            }
            Some(kind::SOCKETS | kind::REMOTE_FETCH) => json!({ "sockets": [] }),
            Some(kind::ALL_ROOMS) => json!({ "rooms": [] }),
            Some(kind::BROADCAST) => {
                json!({ "type": kind::BROADCAST_CLIENT_COUNT, "clientCount": 0 })
            }
            _ => return,
        };
        if let Some(number) = number {
            let mut response = nothing;
            response["requestId"] = number.into();
            self.publish(self.response_channel(namespace), &response)
                .await;
        }
    }

    fn event(self: &Arc<Self>, namespace: &str, packet: Value, request: Option<String>) {
        let (Some(bus), Some(message)) =
            (self.bus.upgrade(), Message::from_json(packet.to_string()))
        else {
            return;
        };
        let reply = request.map(|request| {
            NodeReply::Service(ServiceReply {
                interop: Arc::downgrade(self),
                namespace: namespace.to_owned(),
                request,
            })
        });
        bus.event(IncomingEvent {
            namespace: namespace.to_owned(),
            from: None,
            message,
            reply,
        });
    }
}

impl ServiceReply {
    /// Answers. Of an event that was not handled Node's servers can be told only by silence.
    pub(super) fn send(&self, outcome: Outcome) {
        let data = match outcome {
            Outcome::Value(bytes) => Message::answer_as_json(&bytes),
            Outcome::Json(text) => serde_json::from_str(&text).ok(),
            Outcome::Rejected(_) => return,
        };
        let Some(interop) = self.interop.upgrade() else {
            return;
        };
        let mut response = json!({
            "type": kind::SERVER_SIDE_EMIT,
            "requestId": self.request,
        });
        if let Some(data) = data {
            response["data"] = data;
        }
        let channel = interop.response_channel(&self.namespace);
        tokio::spawn(async move { interop.publish(channel, &response).await });
    }
}

/// Reads a message: JSON, or MessagePack where it may hold binary data, of which only the head is of interest.
fn read(message: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct Head {
        uid: Option<String>,
        #[serde(rename = "requestId")]
        request: Option<String>,
        r#type: Option<u64>,
    }
    if message.starts_with(b"{") {
        return serde_json::from_slice(message).ok();
    }
    let head: Head = rmp_serde::from_slice(message).ok()?;
    Some(json!({ "uid": head.uid, "requestId": head.request, "type": head.r#type }))
}

/// Listens to a namespace's channels until the cluster is gone.
async fn listen(interop: Weak<Interop>, namespace: String) {
    let mut backoff = Backoff::default();
    let (sender, mut messages) = mpsc::channel(BUFFER);
    loop {
        let Some(strong) = interop.upgrade() else {
            return;
        };
        let mut result = Ok(());
        for channel in [
            strong.response_channel(&namespace),
            strong.request_channel(&namespace),
        ] {
            match strong.driver.subscribe(channel, BUFFER).await {
                Ok(mut stream) => {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        while let Some(message) = stream.next().await {
                            if sender.send(message).await.is_err() {
                                return;
                            }
                        }
                    });
                }
                Err(error) => result = Err(error),
            }
        }
        drop(strong);
        match result {
            Ok(()) => break,
            Err(error) => {
                tracing::debug!(namespace, %error, "Node's servers cannot be heard yet");
                backoff.wait().await;
            }
        }
    }
    while let Some((channel, message)) = messages.recv().await {
        let Some(interop) = interop.upgrade() else {
            return;
        };
        interop.receive(&namespace, &channel, &message).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
