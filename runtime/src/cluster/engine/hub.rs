//! An in-process engine for tests: servers of one process exchange messages, each over a connection that a test can
//! cut.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, Weak},
};

use futures_util::future::BoxFuture;
use socketioxide::adapter::Emitter;
use socketioxide_core::adapter::{CoreAdapter, CoreLocalAdapter};
use socketioxide_redis::{
    CustomRedisAdapter, RedisAdapterConfig, RedisAdapterCtr,
    drivers::{ChanItem, Driver, MessageStream},
};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{BUFFER, Engine, EngineConfig, health::Health};
use crate::{
    cluster::settings::Settings,
    contract::server_id::ServerId,
    upstream::engine_adapter::{AdapterFactory, EngineAdapter, erase},
};

/// The subscriptions and connections of one hub.
#[derive(Default)]
pub(crate) struct Exchange {
    listeners: Mutex<HashMap<String, Vec<Listener>>>,
    connections: Mutex<Vec<Weak<HubConnection>>>,
}

struct Listener {
    connection: Weak<HubConnection>,
    /// The health of `connection`. A strong reference to the connection must not be held here: dropping it takes the
    /// lock that protects the listeners.
    health: Arc<Health>,
    queue: mpsc::Sender<ChanItem>,
}

/// One server's connection to the hub. Clones share the connection.
#[derive(Clone)]
pub(crate) struct HubDriver(Arc<HubConnection>);

struct HubConnection {
    exchange: Arc<Exchange>,
    /// The only source of the connection state.
    health: Arc<Health>,
    server: OnceLock<Weak<dyn Any + Send + Sync>>,
}

/// Error of an operation on a connection that is cut.
#[derive(Debug, thiserror::Error)]
#[error("the server is cut off from the hub")]
pub(crate) struct CutOff;

impl Exchange {
    fn listeners(&self) -> MutexGuard<'_, HashMap<String, Vec<Listener>>> {
        self.listeners
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Weak<HubConnection>>> {
        self.connections
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Returns the servers whose connections are not cut.
    pub(crate) fn servers(&self) -> Vec<Arc<dyn Any + Send + Sync>> {
        let connections: Vec<_> = self
            .connections()
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        let connected = connections
            .into_iter()
            .filter(|connection| connection.health.is_connected());
        connected
            .filter_map(|connection| connection.server.get()?.upgrade())
            .collect()
    }

    /// `true` if every message has been received.
    pub(crate) fn is_quiet(&self) -> bool {
        let listeners = self.listeners();
        let mut queues = listeners.values().flatten().map(|listener| &listener.queue);
        queues.all(|queue| queue.is_closed() || queue.capacity() == queue.max_capacity())
    }
}

impl HubDriver {
    pub(crate) fn new(exchange: Arc<Exchange>, health: Arc<Health>) -> Self {
        let connection = Arc::new(HubConnection {
            exchange,
            health,
            server: OnceLock::new(),
        });
        connection
            .exchange
            .connections()
            .push(Arc::downgrade(&connection));
        Self(connection)
    }

    /// Returns the health of the connection if it belongs to the given exchange.
    pub(crate) fn health(&self, exchange: &Arc<Exchange>) -> Option<&Health> {
        Arc::ptr_eq(&self.0.exchange, exchange).then_some(&*self.0.health)
    }

    /// Subscribes to channels. The messages of all of them arrive in the order in which they were sent.
    pub(crate) fn listen(
        &self,
        channels: &[String],
        size: usize,
    ) -> Result<mpsc::Receiver<ChanItem>, CutOff> {
        if !self.0.health.is_connected() {
            return Err(CutOff);
        }
        let (queue, receiver) = mpsc::channel(size);
        let mut listeners = self.0.exchange.listeners();
        for channel in channels {
            let connection = Arc::downgrade(&self.0);
            let listeners = listeners.entry(channel.clone()).or_default();
            // As in Redis, a newer subscription of the same server replaces the older one.
            listeners.retain(|listener| !listener.connection.ptr_eq(&connection));
            listeners.push(Listener {
                connection,
                health: self.0.health.clone(),
                queue: queue.clone(),
            });
        }
        Ok(receiver)
    }

    /// Sends a message to all subscribers, and counts losses.
    pub(crate) fn send(&self, channel: &str, message: &[u8]) {
        if !self.0.health.is_connected() {
            return self.0.health.lose("message to other servers", &CutOff);
        }
        // The lock is held until all subscribers have the message, so that all see the same order.
        let listeners = self.0.exchange.listeners();
        for listener in listeners.get(channel).into_iter().flatten() {
            if !listener.health.is_connected() {
                continue;
            }
            let item = (channel.to_owned(), message.to_vec());
            // A subscriber that no longer listens has lost nothing.
            if let Err(error @ TrySendError::Full(_)) = listener.queue.try_send(item) {
                listener.health.lose("message from another server", &error);
            }
        }
    }
}

impl Drop for HubConnection {
    fn drop(&mut self) {
        for listeners in self.exchange.listeners().values_mut() {
            listeners.retain(|listener| listener.connection.strong_count() > 0);
        }
        self.exchange
            .connections()
            .retain(|connection| connection.strong_count() > 0);
    }
}

impl EngineConfig for Arc<Exchange> {
    fn url(&self) -> String {
        "memory://".to_owned()
    }

    fn start(&self, settings: &Settings, health: &Arc<Health>) -> Option<Arc<dyn Engine>> {
        let driver = HubDriver::new(self.clone(), health.clone());
        let config = RedisAdapterConfig::new()
            .with_prefix(settings.prefix.clone())
            .with_request_timeout(settings.request_timeout);
        let constructor = RedisAdapterCtr::new_with_driver(driver.clone(), config);
        Some(Arc::new(HubEngine {
            driver,
            constructor,
        }))
    }

    fn is_in_memory(&self) -> bool {
        true
    }
}

/// The hub as the engine of one server.
pub(crate) struct HubEngine {
    pub(crate) driver: HubDriver,
    constructor: RedisAdapterCtr<HubDriver>,
}

impl AdapterFactory for HubEngine {
    fn adapter(&self, local: CoreLocalAdapter<Emitter>) -> Arc<dyn EngineAdapter> {
        erase(CustomRedisAdapter::new(&self.constructor, local))
    }

    fn connected(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.driver.0.health.wait())
    }

    fn replaces_subscriptions(&self) -> bool {
        true
    }
}

impl Engine for HubEngine {
    fn publish(&self, _: ServerId, channel: String, message: Vec<u8>) -> BoxFuture<'_, ()> {
        self.driver.send(&channel, &message);
        Box::pin(async {})
    }

    fn subscribe(
        &self,
        channels: Vec<String>,
        messages: mpsc::Sender<Vec<u8>>,
    ) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            let items = self.driver.listen(&channels, BUFFER);
            let mut items = items.map_err(|error| error.to_string())?;
            tokio::spawn(async move {
                while let Some((_, message)) = items.recv().await {
                    if messages.send(message).await.is_err() {
                        return;
                    }
                }
            });
            Ok(())
        })
    }

    fn note_server(&self, server: Weak<dyn Any + Send + Sync>) {
        // Several servers may share the connection of a cluster that was connected explicitly. The first one counts.
        let _ = self.driver.0.server.set(server);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Driver for HubDriver {
    type Error = CutOff;

    /// Sends a message. As with Redis, a message that cannot be sent is lost and is not an error.
    async fn publish(&self, channel: String, message: Vec<u8>) -> Result<(), CutOff> {
        self.send(&channel, &message);
        Ok(())
    }

    async fn subscribe(
        &self,
        channel: String,
        size: usize,
    ) -> Result<MessageStream<ChanItem>, CutOff> {
        self.listen(&[channel], size).map(MessageStream::new)
    }

    async fn unsubscribe(&self, channel: String) -> Result<(), CutOff> {
        let connection = Arc::downgrade(&self.0);
        if let Some(listeners) = self.0.exchange.listeners().get_mut(&channel) {
            listeners.retain(|listener| !listener.connection.ptr_eq(&connection));
        }
        Ok(())
    }

    /// Returns the number of subscribers. For a server that is cut off it is 1, so that no request waits for the
    /// others.
    async fn num_serv(&self, channel: &str) -> Result<u16, CutOff> {
        if !self.0.health.is_connected() {
            return Ok(1);
        }
        let listeners = self.0.exchange.listeners();
        let all = listeners.get(channel).into_iter().flatten();
        let count = all.filter(|one| one.health.is_connected()).count();
        Ok(count.try_into().unwrap_or(u16::MAX))
    }
}
