//! Redis: a connection that comes back by itself, shared by the adapters and the bus.
//!
//! redis-rs reconnects when a command fails, and only a few times; who only listens would not notice. Here a task
//! watches over the connection, makes a new one for as long as it takes, and subscribes again to every channel.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use redis::{
    AsyncCommands, Client, FromRedisValue, ProtocolVersion, PushInfo, PushKind, RedisError,
    aio::MultiplexedConnection,
};
use socketioxide_redis::drivers::{ChanItem, Driver, MessageStream};
use tokio::sync::{
    Notify,
    mpsc::{self, error::TrySendError},
};

use super::{Backoff, Health};

/// How long a connection may take to be made, and a command to be answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to one Redis server; its clones are the same connection.
#[derive(Clone)]
pub(crate) struct RedisDriver(Arc<Link>);

struct Link {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    subscriptions: Mutex<HashMap<String, mpsc::Sender<ChanItem>>>,
    health: Arc<Health>,
    /// The connection is gone, or the driver is.
    broken: Arc<Notify>,
}

/// Reads a URL.
pub(crate) fn client(url: &str) -> Result<Client, RedisError> {
    let info = redis::IntoConnectionInfo::into_connection_info(url)?;
    // Messages are pushed to the connection that also sends commands, which is only in RESP3.
    let settings = info.redis_settings().clone();
    let info = info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3));
    Client::open(info)
}

impl RedisDriver {
    /// Starts to connect, and to watch over the connection until the driver is dropped.
    pub(crate) fn start(client: Client, health: Arc<Health>) -> Self {
        let link = Arc::new(Link {
            client,
            connection: Mutex::default(),
            subscriptions: Mutex::default(),
            health,
            broken: Arc::default(),
        });
        tokio::spawn(keep_connected(Arc::downgrade(&link)));
        Self(link)
    }

    fn connection(&self) -> Option<MultiplexedConnection> {
        self.0.connection().clone()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.broken.notify_one();
    }
}

impl Link {
    fn connection(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connection
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn subscriptions(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<ChanItem>>> {
        self.subscriptions
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Makes a connection and subscribes to all that the last one had.
    async fn connect(self: &Arc<Self>) -> Result<(), RedisError> {
        let link = Arc::downgrade(self);
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_push_sender(move |push| {
                if let Some(link) = link.upgrade() {
                    link.receive(push);
                }
                Ok::<(), Infallible>(())
            });
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let channels: Vec<_> = self.subscriptions().keys().cloned().collect();
        if !channels.is_empty() {
            connection.subscribe(channels).await?;
        }
        *self.connection() = Some(connection);
        Ok(())
    }

    fn receive(&self, push: PushInfo) {
        match push.kind {
            PushKind::Message => self.deliver(push),
            PushKind::Disconnection => self.broken.notify_one(),
            _ => {}
        }
    }

    fn deliver(&self, push: PushInfo) {
        let mut data = push.data.into_iter();
        let (Some(channel), Some(message)) = (data.next(), data.next()) else {
            return;
        };
        let (Ok(channel), Ok(message)) = (
            String::from_redis_value(channel),
            Vec::<u8>::from_redis_value(message),
        ) else {
            return;
        };
        let subscriber = self.subscriptions().get(&channel).cloned();
        let Some(subscriber) = subscriber else { return };
        // Who no longer listens has lost nothing.
        if let Err(error @ TrySendError::Full(_)) = subscriber.try_send((channel, message)) {
            self.health.lose("a message of another server", &error);
        }
    }
}

/// Connects again and again. Between the connections it is the driver, and not this task, that keeps the link.
async fn keep_connected(weak: Weak<Link>) {
    let mut backoff = Backoff::default();
    while let Some(link) = weak.upgrade() {
        match link.connect().await {
            Ok(()) => {
                backoff = Backoff::default();
                link.health.connected();
                let broken = link.broken.clone();
                drop(link);
                broken.notified().await;
                let Some(link) = weak.upgrade() else { return };
                *link.connection() = None;
                link.health.disconnected(&"the connection was closed");
            }
            Err(error) => {
                link.health.disconnected(&error);
                drop(link);
                backoff.wait().await;
            }
        }
    }
}

impl Driver for RedisDriver {
    type Error = RedisError;

    /// While Redis is away, what would be sent is lost to the other servers, and is no error: this server's own
    /// sockets are to have it.
    async fn publish(&self, channel: String, message: Vec<u8>) -> Result<(), RedisError> {
        let Some(mut connection) = self.connection() else {
            self.0
                .health
                .lose("a message to other servers", &"not connected");
            return Ok(());
        };
        let sent = connection.publish::<_, _, ()>(channel, message).await;
        if let Err(error) = sent {
            self.0.health.lose("a message to other servers", &error);
        }
        Ok(())
    }

    async fn subscribe(
        &self,
        channel: String,
        size: usize,
    ) -> Result<MessageStream<ChanItem>, RedisError> {
        let (sender, receiver) = mpsc::channel(size);
        self.0.subscriptions().insert(channel.clone(), sender);
        let subscribed = match self.connection() {
            Some(mut connection) => connection.subscribe(&channel).await,
            None => Err((redis::ErrorKind::Io, "not connected").into()),
        };
        if let Err(error) = subscribed {
            self.0.subscriptions().remove(&channel);
            return Err(error);
        }
        Ok(MessageStream::new(receiver))
    }

    async fn unsubscribe(&self, channel: String) -> Result<(), RedisError> {
        self.0.subscriptions().remove(&channel);
        match self.connection() {
            Some(mut connection) => connection.unsubscribe(channel).await,
            None => Ok(()),
        }
    }

    /// How many servers listen: this one alone while Redis is away, so that nobody waits for the others.
    async fn num_serv(&self, channel: &str) -> Result<u16, RedisError> {
        let Some(mut connection) = self.connection() else {
            return Ok(1);
        };
        let count = redis::cmd("PUBSUB")
            .arg("NUMSUB")
            .arg(channel)
            .query_async::<(String, u16)>(&mut connection)
            .await;
        Ok(count.map_or(1, |(_, count)| count))
    }
}
