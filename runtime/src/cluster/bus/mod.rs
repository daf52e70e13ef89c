//! The bus: what servers of one cluster ask and tell each other by name, which the adapters have no words for.

pub(crate) mod envelope;
pub(crate) mod lag_probe;
pub(crate) mod members;
pub(crate) mod reply;
pub(crate) mod tasks;

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::sync::{mpsc, watch};

use super::{
    event::{EventReply, EventSink, IncomingEvent, Outcome},
    interop::Interop,
    question::{ClientAnswers, Question},
    state::ClusterState,
};
use crate::{
    contract::{error::DisconnectError, path, server_id::ServerId},
    metrics::{self, Moment},
    protocol::{Sid, Uid},
    upstream::CoreAdapter,
    wire::{
        acknowledgement::{Rejection, RejectionCode},
        message::Message,
    },
};
use envelope::{Action, Body, Envelope, Selection, VERSION};
use lag_probe::LagProbe;
use members::Members;
use reply::ServerReply;
use tasks::{beat, receive};

/// How long a server that has just come waits for the others to say that they are there.
const SETTLING: Duration = Duration::from_millis(150);

/// How long a message on the bus may be held up by a server that does not answer an adapter.
const FLUSH: Duration = Duration::from_secs(1);

/// This server's end of the bus.
pub(crate) struct Bus {
    node: ServerId,
    /// Whether this is a server, or somebody who only sends.
    is_server: bool,
    cluster: Arc<ClusterState>,
    members: Members,
    endpoints: RwLock<Vec<Arc<dyn Endpoint>>>,
    requests: Mutex<HashMap<u64, mpsc::UnboundedSender<Heard>>>,
    next_request: AtomicU64,
    /// Whether the other servers are known.
    is_settled: watch::Sender<bool>,
    has_left: AtomicBool,
    lag_probe: LagProbe,
    interop: OnceLock<Arc<dyn Interop>>,
}

/// A mounted namespace, as the bus sees it.
pub(crate) trait Endpoint: Send + Sync {
    /// The pattern of its path.
    fn pattern(&self) -> &'static str;
    /// Handles an inter-server event.
    fn event(&self, event: IncomingEvent);
    /// Describes the sockets of this server, each encoded.
    fn find(&self, namespace: &str, selection: &Selection) -> Vec<Bytes>;
    /// Counts the sockets of this server.
    fn count(&self, namespace: &str, selection: &Selection) -> usize;
    /// Asks the sockets of this server.
    fn ask(&self, question: &Question) -> ClientAnswers;
    /// Disconnects sockets of this server, or only the one of this id.
    fn disconnect(&self, namespace: &str, selection: &Selection, socket: Option<Sid>);
    /// Does something to the sockets of this server.
    fn relay(&self, namespace: &str, selection: &Selection, action: Action);
}

/// What a request hears of another server.
enum Heard {
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
    /// Joins the cluster. Without [`leave`](Self::leave), the others notice by its silence that it is gone.
    pub(crate) fn start(node: ServerId, cluster: Arc<ClusterState>) -> Arc<Self> {
        Self::start_as(node, cluster, true)
    }

    /// Speaks to a cluster without being one of its servers.
    pub(crate) fn observer(cluster: Arc<ClusterState>) -> Arc<Self> {
        Self::start_as(Uid::new().into(), cluster, false)
    }

    fn start_as(node: ServerId, cluster: Arc<ClusterState>, is_server: bool) -> Arc<Self> {
        let is_remote = cluster.is_remote();
        let bus = Arc::new(Self {
            node,
            is_server,
            cluster,
            members: Members::default(),
            endpoints: RwLock::default(),
            requests: Mutex::default(),
            next_request: AtomicU64::new(0),
            is_settled: watch::Sender::new(!is_remote),
            has_left: AtomicBool::new(false),
            lag_probe: LagProbe::default(),
            interop: OnceLock::new(),
        });
        if let Some(engine) = &bus.cluster.engine {
            if is_server {
                let server: Arc<dyn Any + Send + Sync> = bus.clone();
                engine.note_server(Arc::downgrade(&server));
            }
            if let Some(config) = &bus.cluster.settings.interop {
                let events: Arc<dyn EventSink> = bus.clone();
                let interop = engine.interop(config, node, Arc::downgrade(&events));
                if let Some(interop) = interop {
                    bus.interop.get_or_init(|| interop);
                }
            }
        }
        if is_remote {
            tokio::spawn(receive(Arc::downgrade(&bus)));
            tokio::spawn(beat(Arc::downgrade(&bus)));
        }
        bus
    }

    /// That of a server alone.
    pub(crate) fn standalone() -> Arc<Self> {
        Self::start(ServerId::from(Uid::ZERO), ClusterState::standalone())
    }

    pub(crate) fn is_server(&self) -> bool {
        self.is_server
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        self.cluster.settings.request_timeout
    }

    /// This server.
    pub(crate) fn node(&self) -> ServerId {
        self.node
    }

    pub(crate) fn cluster(&self) -> &Arc<ClusterState> {
        &self.cluster
    }

    /// Whether there may be other servers.
    pub(crate) fn is_remote(&self) -> bool {
        self.cluster.is_remote()
    }

    /// The other servers that are known to be there.
    pub(crate) async fn members(&self) -> HashSet<ServerId> {
        self.settled().await;
        self.members.all()
    }

    /// How many other servers are known at this moment.
    pub(crate) fn known_members(&self) -> usize {
        self.members.count()
    }

    pub(crate) fn add(&self, endpoint: Arc<dyn Endpoint>) {
        if !path::is_dynamic(endpoint.pattern()) {
            self.join(endpoint.pattern());
        }
        let mut endpoints = self
            .endpoints
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        endpoints.push(endpoint);
    }

    /// Leaves the cluster: the other servers no longer wait for this one.
    pub(crate) async fn leave(&self) {
        if !self.has_left.swap(true, Ordering::Relaxed) && self.is_server {
            self.publish(Body::Bye).await;
        }
    }

    /// Whether it has not left the cluster.
    #[cfg_attr(not(feature = "testing"), allow(dead_code))]
    pub(crate) fn is_there(&self) -> bool {
        !self.has_left()
    }

    fn has_left(&self) -> bool {
        self.has_left.load(Ordering::Relaxed)
    }

    /// The servers of Node.js, if they are members.
    pub(crate) fn interop(&self) -> Option<&dyn Interop> {
        self.interop.get().map(|interop| &**interop)
    }

    /// Takes part in a namespace that is on this server, as Node's servers do.
    pub(crate) fn join(&self, namespace: &str) {
        if let Some(interop) = self.interop() {
            interop.join(namespace);
        }
    }

    /// Takes part no more in a namespace that is deleted, at the same moment as `unregister` makes socketioxide forget
    /// it.
    pub(crate) fn unsubscribe(&self, namespace: &str, unregister: impl FnOnce()) {
        if let Some(interop) = self.interop() {
            interop.leave(namespace);
        }
        self.cluster.namespaces.delete(namespace, unregister);
    }

    /// Tells all other servers.
    pub(crate) async fn publish(&self, body: Body) {
        if self.is_remote() {
            self.send(self.channel(None), &body).await;
        }
    }

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

    /// Has the other servers disconnect sockets, and waits until each of them has done so.
    pub(crate) async fn disconnect(
        &self,
        namespace: String,
        selection: Selection,
        timeout: Option<Duration>,
    ) -> Result<(), DisconnectError> {
        self.settled().await;
        // A server that did not answer before may have sockets all the same.
        let servers = self.members.not_left();
        self.disconnect_on(servers, timeout, |request| Body::Disconnect {
            namespace,
            request,
            selection,
            socket: None,
        })
        .await
    }

    /// The same with one socket of another server.
    pub(crate) async fn disconnect_one(
        &self,
        server: ServerId,
        namespace: String,
        socket: Sid,
    ) -> Result<(), DisconnectError> {
        // It had no socket any more when it said goodbye.
        if self.members.has_left(server) {
            return Ok(());
        }
        self.disconnect_on([server].into(), None, |request| Body::Disconnect {
            namespace,
            request,
            selection: Selection::default(),
            socket: Some(socket),
        })
        .await
    }

    async fn disconnect_on(
        &self,
        servers: HashSet<ServerId>,
        timeout: Option<Duration>,
        body: impl FnOnce(u64) -> Body,
    ) -> Result<(), DisconnectError> {
        if !self.cluster.health().is_connected() {
            let servers = servers.into_iter().collect();
            return Err(DisconnectError::NoConnection { servers });
        }
        let gathered = self.ask_these(servers, timeout, body).await;
        self.forget(&gathered.missing);
        let answers = gathered.answers.into_iter();
        let failed = answers.filter(|(_, outcome)| !matches!(outcome, Outcome::Value(_)));
        let mut servers = gathered.missing;
        servers.extend(failed.map(|(server, _)| server));
        match servers.is_empty() {
            true => Ok(()),
            false => Err(DisconnectError::Unconfirmed { servers }),
        }
    }

    /// Forgets servers that did not answer a question that every server answers: they are heard of again if they are
    /// there.
    pub(crate) fn forget(&self, nodes: &[ServerId]) {
        for node in nodes {
            self.members.mark_silent(*node);
        }
    }

    async fn settled(&self) {
        let mut is_settled = self.is_settled.subscribe();
        let settled = is_settled.wait_for(|is_settled| *is_settled);
        // Without an engine there is nobody to wait for.
        let _ = tokio::time::timeout(SETTLING * 4, settled).await;
    }

    /// The channel of one server, or of all.
    fn channel(&self, node: Option<ServerId>) -> String {
        let prefix = &self.cluster.settings.prefix;
        match node {
            Some(node) => format!("{prefix}#bus#{node}"),
            None => format!("{prefix}#bus"),
        }
    }

    async fn send(&self, channel: String, body: &Body) {
        let envelope = (VERSION, self.node, self.is_server, body);
        match rmp_serde::to_vec(&envelope) {
            Ok(message) => {
                metrics::bus_sent();
                if let Some(engine) = &self.cluster.engine {
                    engine.publish(self.node, channel, message).await;
                }
            }
            Err(error) => {
                tracing::error!(%error, "a message to other servers could not be encoded")
            }
        }
    }

    fn handle(self: &Arc<Self>, message: &[u8]) {
        let envelope: Envelope = match rmp_serde::from_slice(message) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::warn!(%error, "a message of another server could not be read");
                return;
            }
        };
        let Envelope {
            version,
            from,
            is_server,
            body,
        } = envelope;
        if version != VERSION {
            return;
        }
        if from == self.node {
            return self.lag_probe.heard(&body);
        }
        metrics::bus_received();
        if matches!(body, Body::Bye) {
            return self.goodbye(from);
        }
        if is_server {
            self.members.heard(from);
        }
        match body {
            Body::Answer { request, outcome } => {
                if let Some(request) = self.requests().get(&request) {
                    // Who asked may have gone.
                    let _ = request.send(Heard::Answer(from, outcome));
                }
            }
            // Who is no server has nothing to say to what follows.
            _ if !self.is_server => {}
            Body::Hello => self.send_soon(from, Body::Alive),
            Body::Alive | Body::Bye => {}
            Body::Event {
                namespace,
                request,
                message,
            } => {
                let reply = request
                    .map(|request| Arc::new(self.reply(from, request)) as Arc<dyn EventReply>);
                let Some(message) = Message::from_message_pack(message) else {
                    tracing::warn!(namespace, %from, "an inter-server event could not be read");
                    return;
                };
                self.event(IncomingEvent {
                    namespace,
                    from: Some(from),
                    message,
                    reply,
                });
            }
            Body::Find {
                namespace,
                request,
                selection,
                count,
            } => {
                let found = self.find(&namespace, &selection, count);
                self.reply(from, request).send(Outcome::Value(found));
            }
            Body::Ask { request, question } => {
                let reply = self.reply(from, request);
                let endpoints = self.endpoints(&question.namespace);
                let asked: Vec<_> = endpoints.iter().map(|it| it.ask(&question)).collect();
                tokio::spawn(async move {
                    let answers = join_all(asked).await.concat();
                    let answers = rmp_serde::to_vec(&answers).unwrap_or_default();
                    reply.send(Outcome::Value(answers.into()));
                });
            }
            Body::Disconnect {
                namespace,
                request,
                selection,
                socket,
            } => {
                let outcome = self.disconnect_here(&namespace, &selection, socket);
                self.reply(from, request).send(outcome);
            }
            Body::Relay {
                namespace,
                selection,
                action,
            } => {
                for endpoint in self.endpoints(&namespace) {
                    endpoint.relay(&namespace, &selection, action.clone());
                }
            }
        }
    }

    /// Forgets a server that has left, also where it was asked something.
    fn goodbye(&self, node: ServerId) {
        self.members.left(node);
        for request in self.requests().values() {
            let _ = request.send(Heard::Gone(node));
        }
    }

    fn find(&self, namespace: &str, selection: &Selection, count: bool) -> Bytes {
        let endpoints = self.endpoints(namespace);
        let found = if count {
            let counts = endpoints.iter().map(|it| it.count(namespace, selection));
            rmp_serde::to_vec(&counts.sum::<usize>())
        } else {
            let found: Vec<_> = endpoints
                .iter()
                .flat_map(|it| it.find(namespace, selection))
                .collect();
            rmp_serde::to_vec(&found)
        };
        found.unwrap_or_default().into()
    }

    fn disconnect_here(
        &self,
        namespace: &str,
        selection: &Selection,
        socket: Option<Sid>,
    ) -> Outcome {
        let endpoints = self.endpoints(namespace);
        for endpoint in &endpoints {
            endpoint.disconnect(namespace, selection, socket);
        }
        // A namespace that was made by `raw` alone is not known otherwise.
        if endpoints.is_empty()
            && let Some(adapter) = self.cluster.namespaces.adapter(namespace)
            && let Err(errors) = adapter
                .get_local()
                .disconnect_socket(selection.options(socket))
        {
            return Outcome::Rejected(Rejection {
                code: RejectionCode::Refused,
                message: format!("{} sockets could not be disconnected", errors.len()),
            });
        }
        Outcome::Value(Bytes::new())
    }

    /// The mounted namespaces that a path, or the pattern of a dynamic namespace, means.
    fn endpoints(&self, namespace: &str) -> Vec<Arc<dyn Endpoint>> {
        let endpoints = self
            .endpoints
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let is_meant = |endpoint: &&Arc<dyn Endpoint>| {
            endpoint.pattern() == namespace || path::matches(endpoint.pattern(), namespace)
        };
        endpoints.iter().filter(is_meant).cloned().collect()
    }

    fn reply(self: &Arc<Self>, to: ServerId, request: u64) -> ServerReply {
        let bus = Arc::downgrade(self);
        ServerReply { bus, to, request }
    }

    fn send_soon(self: &Arc<Self>, to: ServerId, body: Body) {
        let bus = self.clone();
        tokio::spawn(async move { bus.send(bus.channel(Some(to)), &body).await });
    }

    fn requests(&self) -> MutexGuard<'_, HashMap<u64, mpsc::UnboundedSender<Heard>>> {
        self.requests
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl EventSink for Bus {
    fn event(&self, event: IncomingEvent) {
        match self.endpoints(&event.namespace).first() {
            Some(endpoint) => endpoint.event(event),
            None => {
                tracing::warn!(
                    namespace = event.namespace,
                    "an inter-server event is for a namespace that this server does not have"
                );
                if let Some(reply) = event.reply {
                    reply.send(Outcome::Rejected(Rejection {
                        code: RejectionCode::UnknownEvent,
                        message: "the server does not have the namespace".to_owned(),
                    }));
                }
            }
        }
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
