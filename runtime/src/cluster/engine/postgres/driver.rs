//! PostgreSQL: one connection that listens, and a pool that sends. Both are restored after an outage.
//!
//! sqlx's own listener takes a connection from the pool. One listener per namespace would use up the pool, and soon the
//! connections of the database.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Duration,
};

use futures_util::{StreamExt, stream::BoxStream};
use socketioxide_postgres::drivers::{
    Driver,
    sqlx::{
        SqlxDriver,
        sqlx_client::{
            Connection, Error, Executor, PgConnection, PgPool,
            postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions},
        },
    },
};
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    cluster::engine::{
        health::Health,
        outbox::{Outbox, OutboxReceiver, outbox},
    },
    support::backoff::Backoff,
};

/// Maximum number of notifications that wait in a subscription.
const BUFFER: usize = 1024;

/// Maximum time to connect, and to answer a query.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Interval between two checks of the listening connection.
const PING_INTERVAL: Duration = Duration::from_secs(1);

/// Connections to one database; clones share them.
#[derive(Clone)]
pub(crate) struct PostgresDriver(Arc<Inner>);

struct Inner {
    options: PgConnectOptions,
    /// The connections that send. A connection that hangs stays in the pool until the operating system's TCP timeout,
    /// which takes minutes. After an outage the driver therefore replaces the pool.
    pool: Mutex<PgPool>,
    subscriptions: Mutex<HashMap<String, mpsc::Sender<PgNotification>>>,
    changes: mpsc::UnboundedSender<Change>,
    outbox: Outbox<Notice>,
    health: Arc<Health>,
}

/// A notification to send.
struct Notice {
    channel: String,
    message: String,
}

/// A change of the channels to listen to. The sender of `Listen` is notified once the connection listens.
enum Change {
    Listen(Vec<String>, oneshot::Sender<()>),
    Unlisten(Vec<String>),
}

impl PostgresDriver {
    /// Connects in the background, and monitors the connection until the driver is dropped.
    pub(crate) fn start(options: PgConnectOptions, health: Arc<Health>) -> Self {
        let (sender, changes) = mpsc::unbounded_channel();
        let (outbox, receiver) = outbox(&health);
        let inner = Arc::new(Inner {
            pool: Mutex::new(pool(&options)),
            options,
            subscriptions: Mutex::default(),
            changes: sender,
            outbox,
            health,
        });
        tokio::spawn(keep_listening(Arc::downgrade(&inner), changes));
        tokio::spawn(notify(Arc::downgrade(&inner), receiver));
        Self(inner)
    }

    /// Closes the connections that send. The listening connection closes when the engine's health has ended.
    pub(crate) async fn end(&self) {
        let pool = self.0.pool().clone();
        // Does not wait for a connection that hangs.
        let _ = timeout(TIMEOUT, pool.close()).await;
    }

    /// Runs a query. Fails without a connection, when the connection is lost, and after `TIMEOUT`.
    async fn query<T, F>(&self, query: impl FnOnce(SqlxDriver) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let health = &self.0.health;
        let gone = || broken(ErrorKind::NotConnected, "not connected");
        // Without a connection, the pool would keep trying until its own timeout.
        if !health.is_connected() {
            return Err(gone());
        }
        tokio::select! {
            () = health.gone() => Err(gone()),
            done = timeout(TIMEOUT, query(self.0.queries())) => done.map_err(|_| timed_out())?,
        }
    }
}

/// Creates a pool that connects on first use.
fn pool(options: &PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().acquire_timeout(TIMEOUT);
    pool.connect_lazy_with(options.clone())
}

/// Sends the queued notifications in order, until the driver is dropped.
async fn notify(weak: Weak<Inner>, mut receiver: OutboxReceiver<Notice>) {
    while let Some(queued) = receiver.next().await {
        let Some(queries) = weak.upgrade().map(|inner| inner.queries()) else {
            return;
        };
        let Notice { channel, message } = &queued.message;
        receiver
            .hand_over(1, queries.notify(channel, message))
            .await;
    }
}

impl Inner {
    fn pool(&self) -> MutexGuard<'_, PgPool> {
        self.pool
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn queries(&self) -> SqlxDriver {
        SqlxDriver::new(self.pool().clone())
    }

    fn subscriptions(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<PgNotification>>> {
        self.subscriptions
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn deliver(&self, notification: PgNotification) {
        let subscriber = self.subscriptions().get(notification.channel()).cloned();
        let Some(subscriber) = subscriber else { return };
        // A subscriber that no longer listens has lost nothing.
        if let Err(error @ TrySendError::Full(_)) = subscriber.try_send(notification) {
            self.health.lose("message from another server", &error);
        }
    }
}

/// Reconnects whenever the connection is lost. The task holds no strong reference to `Inner` while it waits, so that
/// dropping the driver ends it.
async fn keep_listening(inner: Weak<Inner>, mut changes: mpsc::UnboundedReceiver<Change>) {
    let mut backoff = Backoff::default();
    loop {
        let listener = timeout(TIMEOUT, listener(&inner)).await;
        let problem = match listener.unwrap_or_else(|_| Err(timed_out())) {
            Ok(Some(listener)) => {
                backoff = Backoff::default();
                match listen(listener, &inner, &mut changes).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Ok(None) => return,
            Err(error) => error,
        };
        let Some(inner) = inner.upgrade() else { return };
        inner.health.disconnected(&problem);
        if inner.health.ended.is_set() {
            return;
        }
        *inner.pool() = pool(&inner.options);
        drop(inner);
        backoff.wait().await;
    }
}

/// Connects, and listens to the channels of the previous connection. Returns `None` if the driver is dropped.
async fn listener(inner: &Weak<Inner>) -> Result<Option<PgListener>, Error> {
    let Some(options) = inner.upgrade().map(|inner| inner.options.clone()) else {
        return Ok(None);
    };
    // A pool retries for a while and does not report the reason, so this attempt finds the reason first.
    PgConnection::connect_with(&options).await?.close().await?;
    // The listening connection must not come from the pool that sends, and the previous connection may hang.
    let pool = PgPoolOptions::new().max_connections(1);
    let pool = pool.connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    let Some(inner) = inner.upgrade() else {
        return Ok(None);
    };
    let channels: Vec<_> = inner.subscriptions().keys().cloned().collect();
    if !channels.is_empty() {
        listener
            .listen_all(channels.iter().map(String::as_str))
            .await?;
    }
    inner.health.connected();
    Ok(Some(listener))
}

/// Delivers notifications until the connection breaks, which is an error, or the driver is dropped.
async fn listen(
    mut listener: PgListener,
    inner: &Weak<Inner>,
    changes: &mut mpsc::UnboundedReceiver<Change>,
) -> Result<(), Error> {
    let Some(health) = inner.upgrade().map(|inner| inner.health.clone()) else {
        return Ok(());
    };
    let mut ping = interval(PING_INTERVAL);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            received = listener.try_recv() => {
                let Some(inner) = inner.upgrade() else { return Ok(()) };
                let closed = || broken(ErrorKind::ConnectionAborted, "the connection was closed");
                inner.deliver(received?.ok_or_else(closed)?);
            }
            change = changes.recv() => match change {
                Some(change) => apply(&mut listener, change).await?,
                None => return Ok(()),
            },
            () = health.ended.wait() => return Err(broken(ErrorKind::ConnectionAborted, "the server has shut down")),
            _ = ping.tick() => {
                let alive = timeout(TIMEOUT, listener.execute("SELECT 1")).await;
                alive.map_err(|_| timed_out())??;
            }
        }
    }
}

async fn apply(listener: &mut PgListener, change: Change) -> Result<(), Error> {
    match change {
        Change::Listen(channels, done) => {
            let listening = listener.listen_all(channels.iter().map(String::as_str));
            // On an error `done` is dropped, which notifies the caller.
            timeout(TIMEOUT, listening)
                .await
                .map_err(|_| timed_out())??;
            // The caller may have stopped waiting.
            let _ = done.send(());
        }
        Change::Unlisten(channels) => {
            for channel in channels {
                let unlistening = timeout(TIMEOUT, listener.unlisten(&channel));
                unlistening.await.map_err(|_| timed_out())??;
            }
        }
    }
    Ok(())
}

fn timed_out() -> Error {
    broken(ErrorKind::TimedOut, "the database does not respond")
}

fn broken(kind: ErrorKind, problem: &str) -> Error {
    Error::Io(io::Error::new(kind, problem))
}

impl Driver for PostgresDriver {
    type Error = Error;
    type Notification = PgNotification;
    type NotificationStream = BoxStream<'static, PgNotification>;

    async fn init(&self, table: &str) -> Result<(), Error> {
        self.query(async |it| it.init(table).await).await
    }

    async fn listen(&self, channels: &[&str]) -> Result<Self::NotificationStream, Error> {
        let (sender, receiver) = mpsc::channel(BUFFER);
        let channels: Vec<_> = channels.iter().map(ToString::to_string).collect();
        for channel in &channels {
            let mut subscriptions = self.0.subscriptions();
            subscriptions.insert(channel.clone(), sender.clone());
        }
        let (done, listening) = oneshot::channel();
        // Without a connection, the next one listens to the channels, which are in `subscriptions`.
        let _ = self.0.changes.send(Change::Listen(channels, done));
        let closed = |_| broken(ErrorKind::ConnectionAborted, "the connection was closed");
        listening.await.map_err(closed)?;
        let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
            let next = receiver.recv().await?;
            Some((next, receiver))
        });
        Ok(stream.boxed())
    }

    /// Queues a notification. A lost notification is not an error, so that this server's own sockets still receive the
    /// message.
    async fn notify(&self, channel: &str, message: &str) -> Result<(), Error> {
        let bytes = channel.len() + message.len();
        let notice = Notice {
            channel: channel.to_owned(),
            message: message.to_owned(),
        };
        self.0.outbox.send(notice, bytes).await;
        Ok(())
    }

    async fn push_attachment(&self, table: &str, attachment: &[u8]) -> Result<i64, Error> {
        let pushed = self.query(async |it| it.push_attachment(table, attachment).await);
        let what = "message to other servers";
        let pushed = pushed
            .await
            .inspect_err(|error| self.0.health.lose(what, error));
        // -1 is the id of no attachment: a server that receives it finds nothing.
        Ok(pushed.unwrap_or(-1))
    }

    async fn get_attachment(&self, table: &str, id: i64) -> Result<Vec<u8>, Error> {
        self.query(async |it| it.get_attachment(table, id).await)
            .await
    }

    async fn cleanup_attachments(&self, table: &str, interval: Duration) -> Result<(), Error> {
        self.query(async |it| it.cleanup_attachments(table, interval).await)
            .await
    }

    async fn close(&self, channels: &[&str]) -> Result<(), Error> {
        let channels: Vec<_> = channels.iter().map(ToString::to_string).collect();
        for channel in &channels {
            self.0.subscriptions().remove(channel);
        }
        // The listener ends with the driver.
        let _ = self.0.changes.send(Change::Unlisten(channels));
        Ok(())
    }
}
