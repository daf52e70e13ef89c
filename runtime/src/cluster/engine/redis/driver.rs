//! Redis: one connection that the adapters and the bus share, and that is restored after an outage.
//!
//! redis-rs reconnects only when a command fails, and only a few times. A connection that only listens would not notice
//! an outage. Here a task monitors the connection, reconnects until it succeeds, and subscribes again to every channel.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use redis::{
    AsyncCommands, ErrorKind, FromRedisValue, PushInfo, PushKind, RedisError,
    aio::MultiplexedConnection,
};
use socketioxide_redis::drivers::{ChanItem, Driver, MessageStream};
use tokio::sync::{
    Notify,
    mpsc::{self, error::TrySendError},
};

use super::servers::Servers;
use crate::{
    cluster::engine::{
        health::Health,
        outbox::{Outbox, OutboxReceiver, outbox},
    },
    support::backoff::Backoff,
};

/// Maximum time to connect, and to answer a command.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Interval between two pings of the connection.
const PING_INTERVAL: Duration = Duration::from_secs(1);

/// A connection to Redis. Clones share the connection.
#[derive(Clone)]
pub(crate) struct RedisDriver(Arc<Inner>);

struct Inner {
    servers: Arc<Servers>,
    connection: Mutex<Option<MultiplexedConnection>>,
    subscriptions: Mutex<HashMap<Channel, mpsc::Sender<ChanItem>>>,
    outbox: Outbox<Outgoing>,
    health: Arc<Health>,
    /// Notified when the driver is dropped.
    closed: Arc<Notify>,
}

/// A message to publish.
struct Outgoing {
    command: &'static str,
    channel: String,
    message: Vec<u8>,
}

/// A channel, either global or
/// [sharded](https://redis.io/docs/latest/develop/pubsub/#sharded-pubsub).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Channel {
    name: String,
    is_sharded: bool,
}

impl RedisDriver {
    /// Connects in the background, and monitors the connection until the driver is dropped.
    pub(crate) fn start(servers: Arc<Servers>, health: Arc<Health>) -> Self {
        let (outbox, receiver) = outbox(&health);
        let inner = Arc::new(Inner {
            servers,
            connection: Mutex::default(),
            subscriptions: Mutex::default(),
            outbox,
            health,
            closed: Arc::default(),
        });
        tokio::spawn(keep_connected(Arc::downgrade(&inner)));
        tokio::spawn(publish(Arc::downgrade(&inner), receiver));
        Self(inner)
    }

    fn connection(&self) -> Option<MultiplexedConnection> {
        self.0.connection().clone()
    }

    /// Does the same as [`subscribe`](Driver::subscribe) for a sharded channel.
    pub(crate) async fn subscribe_sharded(
        &self,
        name: String,
        size: usize,
    ) -> Result<MessageStream<ChanItem>, RedisError> {
        let is_sharded = true;
        self.listen(Channel { name, is_sharded }, size).await
    }

    /// Does the same as [`publish`](Driver::publish) for a sharded channel.
    pub(crate) async fn publish_sharded(&self, channel: String, message: Vec<u8>) {
        self.send("SPUBLISH", channel, message).await;
    }

    /// Does the same as [`num_serv`](Driver::num_serv) for a sharded channel.
    pub(crate) async fn count_sharded(&self, channel: &str) -> u16 {
        self.count("SHARDNUMSUB", channel).await
    }

    /// Does the same as [`unsubscribe`](Driver::unsubscribe) for a sharded channel.
    pub(crate) async fn unsubscribe_sharded(&self, name: String) -> Result<(), RedisError> {
        let is_sharded = true;
        self.leave(Channel { name, is_sharded }).await
    }

    async fn leave(&self, channel: Channel) -> Result<(), RedisError> {
        self.0.subscriptions().remove(&channel);
        match self.connection() {
            Some(mut connection) if channel.is_sharded => {
                let mut unsubscribe = redis::cmd("SUNSUBSCRIBE");
                unsubscribe.arg(&channel.name).set_no_response(true);
                unsubscribe.exec_async(&mut connection).await
            }
            Some(mut connection) => connection.unsubscribe(channel.name).await,
            None => Ok(()),
        }
    }

    async fn listen(
        &self,
        channel: Channel,
        size: usize,
    ) -> Result<MessageStream<ChanItem>, RedisError> {
        let (sender, receiver) = mpsc::channel(size);
        self.0.subscriptions().insert(channel.clone(), sender);
        let subscribed = match self.connection() {
            Some(mut connection) => channel.subscribe(&mut connection).await,
            None => Err((ErrorKind::Io, "not connected").into()),
        };
        if let Err(error) = subscribed {
            self.0.subscriptions().remove(&channel);
            return Err(error);
        }
        Ok(MessageStream::new(receiver))
    }

    async fn send(&self, command: &'static str, channel: String, message: Vec<u8>) {
        let bytes = channel.len() + message.len();
        let message = Outgoing {
            command,
            channel,
            message,
        };
        self.0.outbox.send(message, bytes).await;
    }

    /// Returns the number of subscribers. Without a connection it is 1, this server, so that no request waits for the
    /// others.
    async fn count(&self, what: &str, channel: &str) -> u16 {
        let Some(mut connection) = self.connection() else {
            return 1;
        };
        let count = match &*self.0.servers {
            Servers::Cluster(nodes) => nodes.listeners(&mut connection, channel).await,
            _ => listeners(&mut connection, what, channel).await,
        };
        count.unwrap_or(1)
    }
}

/// Returns the number of connections to one Redis server that subscribe to a channel.
pub(super) async fn listeners(
    connection: &mut MultiplexedConnection,
    what: &str,
    channel: &str,
) -> Result<u16, RedisError> {
    let mut command = redis::cmd("PUBSUB");
    command.arg(what).arg(channel);
    let (_, count): (String, u16) = command.query_async(connection).await?;
    Ok(count)
}

impl Channel {
    async fn subscribe(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        if !self.is_sharded {
            return connection.subscribe(&self.name).await;
        }
        // A Redis server without sharded channels reports the error here, where a reply is expected. redis-rs supports
        // `SSUBSCRIBE` only on its cluster connection, and the confirmation arrives as a push message.
        let mut known = redis::cmd("PUBSUB");
        known.arg("SHARDNUMSUB").arg(&self.name);
        known.exec_async(connection).await?;
        let mut subscribe = redis::cmd("SSUBSCRIBE");
        subscribe.arg(&self.name).set_no_response(true);
        subscribe.exec_async(connection).await?;
        connection.ping().await
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.closed.notify_one();
    }
}

impl Inner {
    fn connection(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connection
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn subscriptions(&self) -> MutexGuard<'_, HashMap<Channel, mpsc::Sender<ChanItem>>> {
        self.subscriptions
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Connects, and subscribes to the channels of the previous connection. The returned [`Notify`] is notified when
    /// the connection is lost.
    async fn connect(self: &Arc<Self>) -> Result<Arc<Notify>, RedisError> {
        let inner = Arc::downgrade(self);
        // Each connection has its own: the loss of an older connection is often reported late.
        let broken = Arc::<Notify>::default();
        let is_broken = broken.clone();
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            .set_push_sender(move |push: PushInfo| {
                match (&push.kind, inner.upgrade()) {
                    (PushKind::Disconnection, _) => is_broken.notify_one(),
                    (PushKind::Message, Some(inner)) => inner.deliver(push, false),
                    (PushKind::SMessage, Some(inner)) => inner.deliver(push, true),
                    _ => {}
                }
                Ok::<(), Infallible>(())
            });
        let client = tokio::time::timeout(TIMEOUT, self.servers.next());
        let client = client.await.map_err(|_| timed_out())??;
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let channels: Vec<_> = self.subscriptions().keys().cloned().collect();
        for channel in channels {
            channel.subscribe(&mut connection).await?;
        }
        *self.connection() = Some(connection);
        Ok(broken)
    }

    fn deliver(&self, push: PushInfo, is_sharded: bool) {
        let mut data = push.data.into_iter();
        let (Some(channel), Some(message)) = (data.next(), data.next()) else {
            return;
        };
        let (Ok(name), Ok(message)) = (
            String::from_redis_value(channel),
            Vec::<u8>::from_redis_value(message),
        ) else {
            return;
        };
        let channel = Channel { name, is_sharded };
        let subscriber = self.subscriptions().get(&channel).cloned();
        let Some(subscriber) = subscriber else { return };
        // A subscriber that no longer listens has lost nothing.
        if let Err(error @ TrySendError::Full(_)) = subscriber.try_send((channel.name, message)) {
            self.health.lose("message from another server", &error);
        }
    }
}

/// Reconnects whenever the connection is lost. The task holds no strong reference to `Inner` while it waits, so that
/// dropping the driver ends it.
async fn keep_connected(weak: Weak<Inner>) {
    let mut backoff = Backoff::default();
    while let Some(inner) = weak.upgrade().filter(|inner| !inner.health.ended.is_set()) {
        match inner.connect().await {
            Ok(broken) => {
                backoff = Backoff::default();
                inner.health.connected();
                let (closed, health) = (inner.closed.clone(), inner.health.clone());
                drop(inner);
                let problem = tokio::select! {
                    () = closed.notified() => return,
                    () = health.ended.wait() => "the server has shut down",
                    () = broken.notified() => "the connection was closed",
                    () = unresponsive(&weak) => "the engine does not respond",
                };
                let Some(inner) = weak.upgrade() else { return };
                *inner.connection() = None;
                inner.health.disconnected(&problem);
            }
            Err(error) => {
                inner.health.disconnected(&error);
                drop(inner);
                backoff.wait().await;
            }
        }
    }
}

/// Publishes the queued messages in order, until the driver is dropped.
async fn publish(weak: Weak<Inner>, mut receiver: OutboxReceiver<Outgoing>) {
    loop {
        let batch = receiver.next_batch().await;
        if batch.is_empty() {
            return;
        }
        let connection = weak.upgrade().and_then(|inner| inner.connection().clone());
        let sending = async {
            let mut connection = connection.ok_or((ErrorKind::Io, "not connected"))?;
            let mut commands = redis::pipe();
            for queued in &batch {
                let Outgoing {
                    command,
                    channel,
                    message,
                } = &queued.message;
                commands.cmd(command).arg(channel).arg(message).ignore();
            }
            commands.exec_async(&mut connection).await
        };
        receiver.hand_over(batch.len(), sending).await;
    }
}

fn timed_out() -> RedisError {
    (ErrorKind::Io, "the engine does not respond").into()
}

/// Resolves when the connection stops answering, which may be long before it is closed.
async fn unresponsive(weak: &Weak<Inner>) {
    loop {
        tokio::time::sleep(PING_INTERVAL).await;
        let Some(mut connection) = weak.upgrade().and_then(|inner| inner.connection().clone())
        else {
            return;
        };
        if connection.ping::<()>().await.is_err() {
            return;
        }
    }
}

impl Driver for RedisDriver {
    type Error = RedisError;

    /// Queues a message. A message that cannot be sent is counted as lost and is not an error, so that this server's
    /// own sockets still receive it.
    async fn publish(&self, channel: String, message: Vec<u8>) -> Result<(), RedisError> {
        self.send("PUBLISH", channel, message).await;
        Ok(())
    }

    async fn subscribe(
        &self,
        name: String,
        size: usize,
    ) -> Result<MessageStream<ChanItem>, RedisError> {
        let is_sharded = false;
        self.listen(Channel { name, is_sharded }, size).await
    }

    async fn unsubscribe(&self, name: String) -> Result<(), RedisError> {
        let is_sharded = false;
        self.leave(Channel { name, is_sharded }).await
    }

    async fn num_serv(&self, channel: &str) -> Result<u16, RedisError> {
        Ok(self.count("NUMSUB", channel).await)
    }
}
