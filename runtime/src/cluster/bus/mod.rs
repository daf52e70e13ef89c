//! The bus: what servers of one cluster ask and tell each other by name, which the adapters have no words for.

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
use requests::Heard;
use tasks::{beat, receive};

/// How long a server that has just come waits for the others to say that they are there.
const SETTLING: Duration = Duration::from_millis(150);

/// This server's end of the bus.
pub(crate) struct Bus {
    node: ServerId,
    /// `true` if this is a server, or somebody who only sends.
    is_server: bool,
    cluster: Arc<ClusterState>,
    members: Members,
    endpoints: RwLock<Vec<Arc<dyn Endpoint>>>,
    requests: Mutex<HashMap<u64, mpsc::UnboundedSender<Heard>>>,
    next_request: AtomicU64,
    /// `true` if the other servers are known.
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

    /// `true` if there may be other servers.
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

    /// `true` if it has not left the cluster.
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
}
