//! Node.js servers as members of the cluster: the part of `@socket.io/redis-adapter` that carries inter-server events.
//!
//! Messages are JSON on two channels per namespace: one for requests, one for responses. A subscription to the request
//! channel makes a server a member. A member must answer every type of request, or the Node.js servers wait until their
//! timeout. This server reports that it has no sockets, because Node.js servers cannot reach them.

mod dialect;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use futures_util::{StreamExt, future::BoxFuture};
use serde_json::{Value, json};
use socketioxide_redis::drivers::{ChanItem, Driver, MessageStream};
use tokio::sync::mpsc;

use super::driver::RedisDriver;
use crate::{
    cluster::{
        engine::BUFFER,
        event::{EventReply, EventSink, IncomingEvent, Outcome},
        interop::{Interop, InteropAnswers, InteropConfig, InteropProtocol},
    },
    contract::server_id::ServerId,
    support::{backoff::Backoff, one_shot::OneShotEvent},
    wire::message::Message,
};
use dialect::{Dialect, Incoming, Meaning};

/// Prefix of the ids of this cluster's servers, by which they recognize each other.
const OURS: &str = "sio-types:";

/// This server as a member among the Node.js servers.
struct RedisInterop {
    driver: RedisDriver,
    config: InteropConfig,
    uid: String,
    events: Weak<dyn EventSink>,
    namespaces: Mutex<HashMap<String, Arc<Membership>>>,
    requests: Mutex<HashMap<String, mpsc::UnboundedSender<Value>>>,
}

/// A handle to this server's membership among the Node.js servers.
pub(super) struct Member(Arc<RedisInterop>);

impl Member {
    pub(super) fn new(
        driver: RedisDriver,
        config: InteropConfig,
        server: ServerId,
        events: Weak<dyn EventSink>,
    ) -> Self {
        Self(Arc::new(RedisInterop {
            driver,
            config,
            uid: format!("{OURS}{server}"),
            events,
            namespaces: Mutex::default(),
            requests: Mutex::default(),
        }))
    }
}

impl Interop for Member {
    fn join(&self, namespace: &str) {
        self.0.join(namespace);
    }

    fn leave(&self, namespace: &str) {
        self.0.leave(namespace);
    }

    fn emit<'a>(&'a self, namespace: &'a str, packet: Value) -> BoxFuture<'a, ()> {
        Box::pin(self.0.emit(namespace, packet))
    }

    fn emit_with_ack<'a>(
        &'a self,
        namespace: &'a str,
        packet: Value,
        ours: usize,
        timeout: Duration,
    ) -> BoxFuture<'a, InteropAnswers> {
        Box::pin(self.0.emit_with_ack(namespace, packet, ours, timeout))
    }
}

/// A subscription to the channels of one namespace.
#[derive(Default)]
struct Membership {
    /// Set when the subscription has to end.
    parted: OneShotEvent,
    /// Set when the subscription has ended.
    ended: OneShotEvent,
}

/// The recipient of an answer: a Node.js server.
struct ServiceReply {
    interop: Weak<RedisInterop>,
    namespace: String,
    /// Id of the server that sent the request.
    from: String,
    request: String,
}

impl RedisInterop {
    /// Joins a namespace. Does nothing if it is joined already.
    fn join(self: &Arc<Self>, namespace: &str) {
        let mut namespaces = lock(&self.namespaces);
        let older = namespaces.get(namespace).cloned();
        if older.as_ref().is_some_and(|older| !older.parted.is_set()) {
            return;
        }
        let membership = Arc::<Membership>::default();
        namespaces.insert(namespace.to_owned(), membership.clone());
        drop(namespaces);
        let (interop, namespace) = (Arc::downgrade(self), namespace.to_owned());
        tokio::spawn(async move {
            // The older subscription unsubscribes from the same channels.
            if let Some(older) = older {
                older.ended.wait().await;
            }
            tokio::select! {
                () = listen(interop.clone(), &namespace) => {}
                () = membership.parted.wait() => {}
            }
            if let Some(interop) = interop.upgrade() {
                interop.forget(&namespace, &membership).await;
            }
            membership.ended.set();
        });
    }

    /// Leaves a namespace until it is joined again.
    fn leave(&self, namespace: &str) {
        if let Some(membership) = lock(&self.namespaces).get(namespace) {
            membership.parted.set();
        }
    }

    async fn forget(&self, namespace: &str, membership: &Arc<Membership>) {
        let dialect = self.dialect(namespace);
        for channel in [dialect.responses(&self.uid), dialect.requests()] {
            let unsubscribed = match self.config.protocol {
                InteropProtocol::Classic => self.driver.unsubscribe(channel).await,
                InteropProtocol::Sharded => self.driver.unsubscribe_sharded(channel).await,
            };
            if let Err(error) = unsubscribed {
                tracing::debug!(namespace, %error, "failed to unsubscribe a deleted namespace from Node.js servers");
            }
        }
        let mut namespaces = lock(&self.namespaces);
        if namespaces
            .get(namespace)
            .is_some_and(|known| Arc::ptr_eq(known, membership))
        {
            namespaces.remove(namespace);
        }
    }

    fn dialect<'a>(&'a self, namespace: &'a str) -> Dialect<'a> {
        Dialect {
            protocol: self.config.protocol,
            prefix: &self.config.prefix,
            namespace,
            uid: &self.uid,
        }
    }

    async fn publish(&self, channel: String, message: &Value) {
        let message = message.to_string().into();
        match self.config.protocol {
            // The driver counts a message that cannot be sent.
            InteropProtocol::Classic => drop(self.driver.publish(channel, message).await),
            InteropProtocol::Sharded => self.driver.publish_sharded(channel, message).await,
        }
    }

    async fn subscribe(
        &self,
        channel: String,
    ) -> Result<MessageStream<ChanItem>, redis::RedisError> {
        match self.config.protocol {
            InteropProtocol::Classic => self.driver.subscribe(channel, BUFFER).await,
            InteropProtocol::Sharded => self.driver.subscribe_sharded(channel, BUFFER).await,
        }
    }

    /// Returns the number of servers that have joined a namespace.
    async fn listening(&self, channel: &str) -> usize {
        let count = match self.config.protocol {
            InteropProtocol::Classic => self.driver.num_serv(channel).await.unwrap_or(0),
            InteropProtocol::Sharded => self.driver.count_sharded(channel).await,
        };
        count.into()
    }

    /// Sends an inter-server event to the Node.js servers.
    async fn emit(&self, namespace: &str, packet: Value) {
        let dialect = self.dialect(namespace);
        let event = dialect.event(packet, None);
        self.publish(dialect.requests(), &event).await;
    }

    /// Sends an inter-server event to the Node.js servers. Waits until each has answered or the timeout elapses. `ours`
    /// is the number of subscribed servers that are not Node.js servers.
    async fn emit_with_ack(
        &self,
        namespace: &str,
        packet: Value,
        ours: usize,
        timeout: Duration,
    ) -> InteropAnswers {
        let dialect = self.dialect(namespace);
        let channel = dialect.requests();
        let mut missing = self.listening(&channel).await.saturating_sub(ours);
        let mut answers = Vec::new();
        if missing == 0 {
            return InteropAnswers { answers, missing };
        }
        let number = socketioxide_core::Sid::new().to_string();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        lock(&self.requests).insert(number.clone(), sender);
        let event = dialect.event(packet, Some(&number));
        self.publish(channel, &event).await;
        let deadline = tokio::time::Instant::now() + timeout;
        while missing > 0 {
            let Ok(Some(answer)) = tokio::time::timeout_at(deadline, receiver.recv()).await else {
                break;
            };
            missing -= 1;
            answers.push(Outcome::Json(answer.to_string()));
        }
        lock(&self.requests).remove(&number);
        InteropAnswers { answers, missing }
    }

    async fn receive(self: &Arc<Self>, namespace: &str, channel: &str, message: &[u8]) {
        let Some(message) = Incoming::read(message) else {
            return;
        };
        let dialect = self.dialect(namespace);
        if channel == dialect.responses(&self.uid) {
            if let Some((request, value)) = dialect.read_answer(message) {
                self.deliver_answer(&request, value);
            }
            return;
        }
        let from = message.uid.clone().unwrap_or_default();
        if from.starts_with(OURS) {
            return;
        }
        match dialect.interpret(message) {
            Meaning::Event { packet, request } => self.event(namespace, from, packet, request),
            Meaning::Question { answer } => self.publish(dialect.responses(&from), &answer).await,
            Meaning::Nothing => {}
        }
    }

    fn deliver_answer(&self, request: &str, value: Value) {
        if let Some(sender) = lock(&self.requests).get(request) {
            // The caller may have stopped waiting.
            let _ = sender.send(json!([value]));
        }
    }

    fn event(
        self: &Arc<Self>,
        namespace: &str,
        from: String,
        packet: Value,
        request: Option<String>,
    ) {
        let (Some(events), Some(message)) = (
            self.events.upgrade(),
            Message::from_json(packet.to_string()),
        ) else {
            return;
        };
        let reply = request.map(|request| {
            Arc::new(ServiceReply {
                interop: Arc::downgrade(self),
                namespace: namespace.to_owned(),
                from,
                request,
            }) as Arc<dyn EventReply>
        });
        events.event(IncomingEvent {
            namespace: namespace.to_owned(),
            from: None,
            message,
            reply,
        });
    }
}

impl EventReply for ServiceReply {
    /// Sends nothing for a rejection: the protocol of the Node.js servers has no message for it.
    fn send(&self, outcome: Outcome) {
        let value = match outcome {
            Outcome::Value(bytes) => Message::answer_as_json(&bytes),
            Outcome::Json(text) => serde_json::from_str(&text).ok(),
            Outcome::Rejected(_) => return,
        };
        let Some(interop) = self.interop.upgrade() else {
            return;
        };
        let dialect = interop.dialect(&self.namespace);
        let answer = dialect.answer(&self.request, value);
        let channel = dialect.responses(&self.from);
        tokio::spawn(async move { interop.publish(channel, &answer).await });
    }

    fn takes_rejections(&self) -> bool {
        false
    }
}

/// Subscribes to a namespace's channels and handles their messages until the cluster is dropped.
async fn listen(interop: Weak<RedisInterop>, namespace: &str) {
    let mut backoff = Backoff::default();
    let (sender, mut messages) = mpsc::channel(BUFFER);
    loop {
        let Some(strong) = interop.upgrade() else {
            return;
        };
        let mut result = Ok(());
        let dialect = strong.dialect(namespace);
        // Subscribes to the responses first: the subscription to the requests makes this server a member.
        for channel in [dialect.responses(&strong.uid), dialect.requests()] {
            match strong.subscribe(channel).await {
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
                tracing::debug!(namespace, %error, "failed to subscribe to messages of Node.js servers; retrying");
                backoff.wait().await;
            }
        }
    }
    while let Some((channel, message)) = messages.recv().await {
        let Some(interop) = interop.upgrade() else {
            return;
        };
        interop.receive(namespace, &channel, &message).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
