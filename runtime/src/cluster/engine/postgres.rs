//! PostgreSQL: one connection that listens and comes back by itself, and a pool for what is sent.
//!
//! sqlx's own listener takes a connection of the pool for itself. One for each namespace would use up the pool, and
//! before long the database's connections.

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
            Connection, Executor, PgConnection, PgPool,
            postgres::{PgListener, PgNotification, PgPoolOptions},
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

pub(crate) use socketioxide_postgres::drivers::sqlx::sqlx_client::{
    Error, postgres::PgConnectOptions,
};

use super::{Backoff, Health};

/// How many notifications may wait to be taken.
const BUFFER: usize = 1024;

/// How long a connection may take to be made, and a question to be answered.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the connection that listens is asked whether it is alive.
const PULSE: Duration = Duration::from_secs(1);

/// Connections to one database; clones share them.
#[derive(Clone)]
pub(crate) struct PostgresDriver {
    queries: SqlxDriver,
    pool: PgPool,
    link: Arc<Link>,
}

/// The connection that listens.
struct Link {
    subscriptions: Mutex<HashMap<String, mpsc::Sender<PgNotification>>>,
    changes: mpsc::UnboundedSender<Change>,
    health: Arc<Health>,
}

/// What is to be listened to from now on, and where to say so.
enum Change {
    Listen(Vec<String>, oneshot::Sender<()>),
    Unlisten(Vec<String>),
}

impl PostgresDriver {
    /// Starts to connect, and to watch over the connection until the driver is dropped.
    pub(crate) fn start(options: PgConnectOptions, health: Arc<Health>) -> Self {
        let pool = PgPoolOptions::new().acquire_timeout(PATIENCE);
        // The connection that listens is not one of those that send.
        let listening = pool.clone().max_connections(1);
        let (sender, changes) = mpsc::unbounded_channel();
        let link = Arc::new(Link {
            subscriptions: Mutex::default(),
            changes: sender,
            health,
        });
        let listening = listening.connect_lazy_with(options.clone());
        let watch = keep_listening(options.clone(), listening, Arc::downgrade(&link), changes);
        tokio::spawn(watch);
        let pool = pool.connect_lazy_with(options);
        Self {
            queries: SqlxDriver::new(pool.clone()),
            pool,
            link,
        }
    }

    /// Closes the connections that send; the one that listens is closed as the engine's health says so.
    pub(crate) async fn end(&self) {
        self.pool.close().await;
    }

    /// Sends something. What is lost to the other servers is no error, and not waited for: this server's own sockets
    /// are to have it.
    async fn send<T>(&self, sending: impl Future<Output = Result<T, Error>>) -> Option<T> {
        let health = &self.link.health;
        // Without a connection the pool would try for as long as it may.
        let sent = if health.is_connected() {
            sending.await
        } else {
            Err(broken(ErrorKind::NotConnected, "not connected"))
        };
        sent.inspect_err(|error| health.lose("a message to other servers", error))
            .ok()
    }
}

impl Link {
    fn subscriptions(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<PgNotification>>> {
        self.subscriptions
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn deliver(&self, notification: PgNotification) {
        let subscriber = self.subscriptions().get(notification.channel()).cloned();
        let Some(subscriber) = subscriber else { return };
        // Who no longer listens has lost nothing.
        if let Err(error @ TrySendError::Full(_)) = subscriber.try_send(notification) {
            self.health.lose("a message of another server", &error);
        }
    }
}

/// Connects again and again. Between the connections it is the driver, and not this task, that keeps the link.
async fn keep_listening(
    options: PgConnectOptions,
    pool: PgPool,
    link: Weak<Link>,
    mut changes: mpsc::UnboundedReceiver<Change>,
) {
    let mut backoff = Backoff::default();
    loop {
        let problem = match listener(&options, &pool, &link).await {
            Ok(Some(listener)) => {
                backoff = Backoff::default();
                match listen(listener, &link, &mut changes).await {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Ok(None) => return,
            Err(error) => error,
        };
        let Some(link) = link.upgrade() else { return };
        link.health.disconnected(&problem);
        if link.health.ended.is_set() {
            return;
        }
        drop(link);
        backoff.wait().await;
    }
}

/// Makes a connection that listens to all that the last one did; none if the driver is gone.
async fn listener(
    options: &PgConnectOptions,
    pool: &PgPool,
    link: &Weak<Link>,
) -> Result<Option<PgListener>, Error> {
    // A pool tries again by itself for a while, and does not say why.
    PgConnection::connect_with(options).await?.close().await?;
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    let Some(link) = link.upgrade() else {
        return Ok(None);
    };
    let channels: Vec<_> = link.subscriptions().keys().cloned().collect();
    if !channels.is_empty() {
        listener
            .listen_all(channels.iter().map(String::as_str))
            .await?;
    }
    link.health.connected();
    Ok(Some(listener))
}

/// Hands notifications on until the connection breaks, which is an error, or the driver is gone.
async fn listen(
    mut listener: PgListener,
    link: &Weak<Link>,
    changes: &mut mpsc::UnboundedReceiver<Change>,
) -> Result<(), Error> {
    let Some(health) = link.upgrade().map(|link| link.health.clone()) else {
        return Ok(());
    };
    let mut pulse = interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            received = listener.try_recv() => {
                let Some(link) = link.upgrade() else { return Ok(()) };
                let closed = || broken(ErrorKind::ConnectionAborted, "the connection was closed");
                link.deliver(received?.ok_or_else(closed)?);
            }
            change = changes.recv() => match change {
                Some(change) => apply(&mut listener, change).await?,
                None => return Ok(()),
            },
            () = health.ended.wait() => return Err(broken(ErrorKind::ConnectionAborted, "the server has ended")),
            _ = pulse.tick() => {
                let alive = timeout(PATIENCE, listener.execute("SELECT 1")).await;
                alive.map_err(|_| silent())??;
            }
        }
    }
}

async fn apply(listener: &mut PgListener, change: Change) -> Result<(), Error> {
    match change {
        Change::Listen(channels, done) => {
            let listening = listener.listen_all(channels.iter().map(String::as_str));
            // Whoever waits is told of an error by the end of `done`.
            timeout(PATIENCE, listening).await.map_err(|_| silent())??;
            // Who no longer waits has given up.
            let _ = done.send(());
        }
        Change::Unlisten(channels) => {
            for channel in channels {
                listener.unlisten(&channel).await?;
            }
        }
    }
    Ok(())
}

fn silent() -> Error {
    broken(ErrorKind::TimedOut, "the database does not answer")
}

fn broken(kind: ErrorKind, problem: &str) -> Error {
    Error::Io(io::Error::new(kind, problem))
}

impl Driver for PostgresDriver {
    type Error = Error;
    type Notification = PgNotification;
    type NotificationStream = BoxStream<'static, PgNotification>;

    async fn init(&self, table: &str) -> Result<(), Error> {
        self.queries.init(table).await
    }

    async fn listen(&self, channels: &[&str]) -> Result<Self::NotificationStream, Error> {
        let (sender, receiver) = mpsc::channel(BUFFER);
        let channels: Vec<_> = channels.iter().map(ToString::to_string).collect();
        for channel in &channels {
            let mut subscriptions = self.link.subscriptions();
            subscriptions.insert(channel.clone(), sender.clone());
        }
        let (done, listening) = oneshot::channel();
        // Without a connection the next one listens to the channels, for they are noted.
        let _ = self.link.changes.send(Change::Listen(channels, done));
        let closed = |_| broken(ErrorKind::ConnectionAborted, "the connection was closed");
        listening.await.map_err(closed)?;
        let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
            let next = receiver.recv().await?;
            Some((next, receiver))
        });
        Ok(stream.boxed())
    }

    async fn notify(&self, channel: &str, message: &str) -> Result<(), Error> {
        self.send(self.queries.notify(channel, message)).await;
        Ok(())
    }

    async fn push_attachment(&self, table: &str, attachment: &[u8]) -> Result<i64, Error> {
        let pushed = self.send(self.queries.push_attachment(table, attachment));
        // The number of none: who is told of it will not find it.
        Ok(pushed.await.unwrap_or(-1))
    }

    async fn get_attachment(&self, table: &str, id: i64) -> Result<Vec<u8>, Error> {
        self.queries.get_attachment(table, id).await
    }

    async fn cleanup_attachments(&self, table: &str, interval: Duration) -> Result<(), Error> {
        self.queries.cleanup_attachments(table, interval).await
    }

    async fn close(&self, channels: &[&str]) -> Result<(), Error> {
        let channels: Vec<_> = channels.iter().map(ToString::to_string).collect();
        for channel in &channels {
            self.link.subscriptions().remove(channel);
        }
        // The listener is gone when the driver is.
        let _ = self.link.changes.send(Change::Unlisten(channels));
        Ok(())
    }
}
