//! The bus: messages between the servers of one cluster that the adapters cannot carry.

mod disconnect;
pub(crate) mod envelope;
mod incoming;
pub(crate) mod lag_probe;
pub(crate) mod members;
pub(crate) mod reply;
mod requests;
pub(crate) mod tasks;

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, OnceLock, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::{
    event::{EventSink, IncomingEvent},
    interop::Interop,
    question::{ClientAnswers, Question},
    state::ClusterState,
};
use crate::{
    contract::{path, server_id::ServerId},
    metrics,
    protocol::{Sid, Uid},
};
use envelope::{Action, Body, Selection, VERSION};
use lag_probe::LagProbe;
use members::Members;
use requests::RequestUpdate;
use tasks::{beat, receive};

/// Time that a server waits after its start for the other servers to announce themselves.
const SETTLING: Duration = Duration::from_millis(150);

/// This server's connection to the bus.
pub(crate) struct Bus {
    node: ServerId,
    /// `true` if this is a server, `false` for an observer, which only sends.
    is_server: bool,
    cluster: Arc<ClusterState>,
    members: Members,
    endpoints: RwLock<Vec<Arc<dyn Endpoint>>>,
    requests: Mutex<HashMap<u64, mpsc::UnboundedSender<RequestUpdate>>>,
    next_request: AtomicU64,
    /// `true` once the other servers are known.
    is_settled: watch::Sender<bool>,
    has_left: AtomicBool,
    lag_probe: LagProbe,
    interop: OnceLock<Arc<dyn Interop>>,
}

/// A mounted namespace, as seen by the bus.
pub(crate) trait Endpoint: Send + Sync {
    /// Returns the pattern of the namespace's path.
    fn pattern(&self) -> &'static str;
    /// Handles an inter-server event.
    fn event(&self, event: IncomingEvent);
    /// Describes the matching sockets of this server, each encoded.
    fn find(&self, namespace: &str, selection: &Selection) -> Vec<Bytes>;
    /// Counts the matching sockets of this server.
    fn count(&self, namespace: &str, selection: &Selection) -> usize;
    /// Emits an event with an acknowledgement to the sockets of this server.
    fn ask(&self, question: &Question) -> ClientAnswers;
    /// Disconnects the matching sockets of this server, or only the one with the given id.
    fn disconnect(&self, namespace: &str, selection: &Selection, socket: Option<Sid>);
    /// Applies an action to the matching sockets of this server.
    fn relay(&self, namespace: &str, selection: &Selection, action: Action);
}

impl Bus {
    /// Joins the cluster. A server that does not call [`leave`](Self::leave) is removed when its heartbeats are
    /// missing.
    pub(crate) fn start(node: ServerId, cluster: Arc<ClusterState>) -> Arc<Self> {
        Self::start_as(node, cluster, true)
    }

    /// Connects to the bus without becoming one of the cluster's servers.
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

    /// Creates the bus of a server without a cluster.
    pub(crate) fn standalone() -> Arc<Self> {
        Self::start(ServerId::from(Uid::ZERO), ClusterState::standalone())
    }

    pub(crate) fn is_server(&self) -> bool {
        self.is_server
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        self.cluster.settings.request_timeout
    }

    /// Returns the id of this server.
    pub(crate) fn node(&self) -> ServerId {
        self.node
    }

    pub(crate) fn cluster(&self) -> &Arc<ClusterState> {
        &self.cluster
    }

    /// `true` if there may be other servers.
    pub(crate) fn is_remote(&self) -> bool {
        self.cluster.is_remote()
    }

    /// Returns the other servers that are known.
    pub(crate) async fn members(&self) -> HashSet<ServerId> {
        self.settled().await;
        self.members.all()
    }

    /// Returns the number of other servers that are currently known.
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

    /// Leaves the cluster. The other servers no longer wait for this one.
    pub(crate) async fn leave(&self) {
        if !self.has_left.swap(true, Ordering::Relaxed) && self.is_server {
            self.publish(Body::Bye).await;
        }
    }

    /// `true` if this server has not left the cluster.
    pub(crate) fn is_there(&self) -> bool {
        !self.has_left()
    }

    fn has_left(&self) -> bool {
        self.has_left.load(Ordering::Relaxed)
    }

    /// Returns the connection to the Node.js servers, if they are members of the cluster.
    pub(crate) fn interop(&self) -> Option<&dyn Interop> {
        self.interop.get().map(|interop| &**interop)
    }

    /// Joins a namespace that is mounted on this server, for the Node.js servers of the cluster.
    pub(crate) fn join(&self, namespace: &str) {
        if let Some(interop) = self.interop() {
            interop.join(namespace);
        }
    }

    /// Leaves a namespace that is deleted, at the same moment as `unregister` removes it from socketioxide.
    pub(crate) fn unsubscribe(&self, namespace: &str, unregister: impl FnOnce()) {
        if let Some(interop) = self.interop() {
            interop.leave(namespace);
        }
        self.cluster.namespaces.delete(namespace, unregister);
    }

    /// Sends a message to all other servers.
    pub(crate) async fn publish(&self, body: Body) {
        if self.is_remote() {
            self.send(self.channel(None), &body).await;
        }
    }

    async fn settled(&self) {
        let mut is_settled = self.is_settled.subscribe();
        let settled = is_settled.wait_for(|is_settled| *is_settled);
        // Without a connection to the engine this never resolves, so the wait is limited.
        let _ = tokio::time::timeout(SETTLING * 4, settled).await;
    }

    /// Returns the channel of one server, or the channel of all servers.
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
                tracing::error!(%error, "failed to encode a message to other servers")
            }
        }
    }
}
