//! Adapter under every socket, for every cluster engine.
//!
//! Works around three behaviours of socketioxide. It may create a namespace twice, and the last one wins. It does not
//! retry `init` when the engine is disconnected. It polls `close` only once when a namespace is deleted.
//!
//! Contract: socketioxide calls `init` once for each namespace that is created, before its first client, and `close`
//! when the namespace is deleted (`docs/upstream.md`, *Contracts*; tests: `cluster`,
//! `clients_share_one_child_namespace` and `empty_child_namespaces_are_removed`).

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use socketioxide::adapter::{Emitter, LocalAdapter};
use socketioxide_core::{
    adapter::{
        BroadcastOptions, CoreAdapter, CoreLocalAdapter, DefinedAdapter, RemoteSocketData,
        errors::{AdapterError, BroadcastError},
    },
    packet::Packet,
    parser::Parse,
};
use tokio::sync::watch;

use super::{
    engine_adapter::{AckStream, EngineAdapter},
    namespaces::Namespaces,
    reconnect::Unreadable,
};
use crate::{
    protocol::{Room, RoomParam},
    support::{backoff::Backoff, one_shot::OneShotEvent},
};

/// Adapter under every socket of a server, which delegates to the adapter of the cluster engine.
///
/// It appears in the types of socketioxide that [`SocketIo::raw`](crate::SocketIo::raw) and
/// [`Socket::raw`](crate::Socket::raw) return.
pub struct ClusterAdapter {
    engine: Engine,
    is_ready: watch::Sender<bool>,
    state: Arc<Namespaces>,
    made: Instant,
    /// Earlier adapter of the same path, until it has unsubscribed from the channels that this one subscribes to.
    older: Mutex<Option<Arc<Self>>>,
    /// `true` if another namespace has taken the path of this one.
    is_replaced: AtomicBool,
    /// `true` if the namespace has been deleted.
    is_deleted: AtomicBool,
    /// Set when messages of other servers no longer arrive.
    unsubscribed: OneShotEvent,
    /// Held during a subscription to the messages of other servers.
    subscribing: tokio::sync::Mutex<()>,
}

/// Time after which a new namespace is certain to be the one of its path.
///
/// Several clients may be the first to enter a child of a dynamic namespace at the same moment. socketioxide then
/// creates the child once for each of them, and the last one replaces the others. All of this begins within
/// microseconds.
const UNSURE: Duration = Duration::from_millis(10);

enum Engine {
    /// There are no other servers.
    Memory(LocalAdapter),
    Cluster(Arc<dyn EngineAdapter>),
}

/// Evaluates an expression with the adapter of the current engine.
macro_rules! delegate {
    ($self:ident, $adapter:ident => $work:expr) => {
        match &$self.engine {
            Engine::Memory($adapter) => $work,
            Engine::Cluster($adapter) => $work,
        }
    };
}

impl ClusterAdapter {
    /// Resolves when no other namespace can take the path any more and the messages of other servers arrive. Returns
    /// `None` if this is already the case.
    pub(crate) fn ready(&self) -> Option<impl Future<Output = ()> + Send + use<>> {
        let unsure = UNSURE.saturating_sub(self.made.elapsed());
        if unsure.is_zero() && *self.is_ready.borrow() {
            return None;
        }
        let mut is_ready = self.is_ready.subscribe();
        Some(async move {
            if !unsure.is_zero() {
                tokio::time::sleep(unsure).await;
            }
            // The sender is dropped with the namespace.
            let _ = is_ready.wait_for(|is_ready| *is_ready).await;
        })
    }

    /// Subscribes to the messages of other servers, and retries until it succeeds.
    async fn subscribe(self: Arc<Self>) {
        let (Engine::Cluster(adapter), Some(factory)) = (&self.engine, self.state.factory()) else {
            return;
        };
        self.older_has_left().await;
        let mut backoff = Backoff::default();
        loop {
            factory.connected().await;
            let _subscribing = self.subscribing.lock().await;
            if self.is_replaced.load(Ordering::Acquire) || self.is_deleted() {
                return;
            }
            let subscribed = adapter.clone().init().await;
            match subscribed {
                Ok(()) => {
                    self.is_ready.send_replace(true);
                    return;
                }
                Err(error) => {
                    let namespace = self.get_local().path().as_str();
                    tracing::warn!(namespace, %error, "failed to subscribe to messages from other servers; retrying");
                    drop(_subscribing);
                    backoff.wait().await;
                }
            }
        }
    }

    /// Ends the connections of all clients in this namespace, because another namespace has taken its path and receives
    /// their events. The clients reconnect automatically.
    fn abandon(&self) {
        self.is_replaced.store(true, Ordering::Release);
        let local = self.get_local();
        let everybody = BroadcastOptions::default;
        if local.sockets(everybody()).is_empty() {
            return;
        }
        let namespace = local.path().as_str();
        // Not a warning, because clients can cause it.
        tracing::info!(namespace, "namespace created twice; its clients reconnect");
        let unreadable = local
            .parser()
            .encode_value(&Unreadable::TEXT, Some(Unreadable::EVENT));
        if let Ok(unreadable) = unreadable {
            let packet = Packet::event(local.path().clone(), unreadable);
            // A client that cannot receive this is gone, or is disconnected next.
            let _ = local.broadcast(packet, everybody());
        }
        let _ = local.disconnect_socket(everybody());
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.is_deleted.load(Ordering::Acquire)
    }

    /// Marks the namespace as deleted; returns `true` if the caller has to [unsubscribe](Self::unsubscribe) it.
    pub(crate) fn delete(&self) -> bool {
        self.is_deleted.store(true, Ordering::Release);
        !matches!(self.engine, Engine::Memory(_))
    }

    /// Unsubscribes a deleted namespace from the messages of other servers.
    pub(crate) async fn unsubscribe(self: Arc<Self>) {
        // Waiting for this adapter therefore means waiting for all earlier ones.
        self.older_has_left().await;
        // A running subscription ends first, and no new one starts after it.
        let subscribing = self.subscribing.lock().await;
        if let Err(error) = self.close_engine().await {
            tracing::debug!(%error, "failed to close the adapter of a deleted namespace");
        }
        drop(subscribing);
        self.state.forget(&self);
        self.unsubscribed.set();
    }

    async fn close_engine(&self) -> Result<(), AdapterError> {
        match &self.engine {
            Engine::Memory(_) => Ok(()),
            Engine::Cluster(adapter) => adapter.close().await,
        }
    }

    /// Remembers the earlier adapter of the same path.
    pub(crate) fn follow(&self, older: &Option<Arc<Self>>) {
        if !matches!(self.engine, Engine::Memory(_)) {
            self.older().clone_from(older);
        }
    }

    async fn older_has_left(&self) {
        let older = self.older().clone();
        if let Some(older) = older {
            older.leave_to_newer().await;
            *self.older() = None;
        }
    }

    fn older(&self) -> MutexGuard<'_, Option<Arc<Self>>> {
        self.older.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unsubscribes from the channels that a newer adapter of the same path subscribes to.
    async fn leave_to_newer(&self) {
        if self.is_deleted() {
            return self.unsubscribed.wait().await;
        }
        // A running subscription ends first, and no new one starts after it.
        let _subscribing = self.subscribing.lock().await;
        let factory = self.state.factory();
        if factory.is_none_or(|factory| factory.replaces_subscriptions()) {
            return;
        }
        if let Err(error) = self.close().await {
            tracing::debug!(%error, "failed to close a replaced adapter");
        }
    }
}

impl DefinedAdapter for ClusterAdapter {}

impl CoreAdapter<Emitter> for ClusterAdapter {
    type Error = AdapterError;
    type State = Arc<Namespaces>;
    type AckStream = AckStream;
    type InitRes = ();

    fn new(state: &Self::State, local: CoreLocalAdapter<Emitter>) -> Self {
        state.note_parser(local.parser());
        let engine = match state.factory() {
            None => Engine::Memory(CoreAdapter::new(&(), local)),
            Some(factory) => Engine::Cluster(factory.adapter(local)),
        };
        let is_ready = matches!(engine, Engine::Memory(_));
        Self {
            engine,
            is_ready: watch::Sender::new(is_ready),
            state: state.clone(),
            made: Instant::now(),
            older: Mutex::default(),
            is_replaced: AtomicBool::new(false),
            is_deleted: AtomicBool::new(false),
            unsubscribed: OneShotEvent::default(),
            subscribing: tokio::sync::Mutex::default(),
        }
    }

    /// Registers the namespace immediately, whether or not the engine is connected: its own sockets need no other
    /// server.
    fn init(self: Arc<Self>, on_success: impl FnOnce() + Send + 'static) {
        let older = self.state.add(&self, on_success);
        if let Some(older) = older.as_ref().filter(|older| !older.is_deleted()) {
            older.abandon();
        }
        if !matches!(self.engine, Engine::Memory(_)) {
            tokio::spawn(self.subscribe());
        }
    }

    async fn close(&self) -> Result<(), AdapterError> {
        // A deleted namespace is closed by the task that runs `unsubscribe`, which may take longer than one poll.
        match self.is_deleted() {
            true => Ok(()),
            false => self.close_engine().await,
        }
    }

    async fn server_count(&self) -> Result<u16, AdapterError> {
        delegate!(self, adapter => Ok(adapter.server_count().await?))
    }

    async fn broadcast(
        &self,
        packet: Packet,
        opts: BroadcastOptions,
    ) -> Result<(), BroadcastError> {
        delegate!(self, adapter => adapter.broadcast(packet, opts).await)
    }

    async fn broadcast_with_ack(
        &self,
        packet: Packet,
        opts: BroadcastOptions,
        timeout: Option<Duration>,
    ) -> Result<AckStream, AdapterError> {
        match &self.engine {
            Engine::Memory(adapter) => {
                let answers = adapter.broadcast_with_ack(packet, opts, timeout).await;
                answers
                    .map(|answers| Box::pin(answers) as AckStream)
                    .map_err(AdapterError::from)
            }
            Engine::Cluster(adapter) => adapter.broadcast_with_ack(packet, opts, timeout).await,
        }
    }

    async fn add_sockets(
        &self,
        opts: BroadcastOptions,
        rooms: impl RoomParam,
    ) -> Result<(), AdapterError> {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        delegate!(self, adapter => Ok(adapter.add_sockets(opts, rooms).await?))
    }

    async fn del_sockets(
        &self,
        opts: BroadcastOptions,
        rooms: impl RoomParam,
    ) -> Result<(), AdapterError> {
        let rooms: Vec<Room> = rooms.into_room_iter().collect();
        delegate!(self, adapter => Ok(adapter.del_sockets(opts, rooms).await?))
    }

    async fn disconnect_socket(&self, opts: BroadcastOptions) -> Result<(), BroadcastError> {
        delegate!(self, adapter => adapter.disconnect_socket(opts).await)
    }

    async fn rooms(&self, opts: BroadcastOptions) -> Result<Vec<Room>, AdapterError> {
        delegate!(self, adapter => Ok(adapter.rooms(opts).await?))
    }

    async fn fetch_sockets(
        &self,
        opts: BroadcastOptions,
    ) -> Result<Vec<RemoteSocketData>, AdapterError> {
        delegate!(self, adapter => Ok(adapter.fetch_sockets(opts).await?))
    }

    fn get_local(&self) -> &CoreLocalAdapter<Emitter> {
        match &self.engine {
            Engine::Memory(adapter) => adapter.get_local(),
            Engine::Cluster(adapter) => adapter.local(),
        }
    }
}
