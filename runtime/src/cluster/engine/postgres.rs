//! PostgreSQL: a listener that comes back by itself, and a pool for what is sent.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use futures_util::{StreamExt, stream::BoxStream};
use socketioxide_postgres::drivers::{
    Driver,
    sqlx::{
        SqlxDriver,
        sqlx_client::{
            Connection, PgConnection, PgPool,
            postgres::{PgListener, PgNotification, PgPoolOptions},
        },
    },
};
use tokio::sync::mpsc;

pub(crate) use socketioxide_postgres::drivers::sqlx::sqlx_client::{
    Error, postgres::PgConnectOptions,
};

use super::{Backoff, Health};

/// How many notifications may wait to be taken.
const BUFFER: usize = 1024;

/// Several connections to one database; clones share them.
#[derive(Clone)]
pub(crate) struct PostgresDriver {
    pool: PgPool,
    queries: SqlxDriver,
    health: Arc<Health>,
}

impl PostgresDriver {
    /// Starts to connect, and to watch over the connection until the driver is dropped.
    pub(crate) fn start(options: PgConnectOptions, health: Arc<Health>) -> Self {
        let pool = PgPoolOptions::new()
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy_with(options.clone());
        tokio::spawn(watch(options, Arc::downgrade(&health)));
        Self {
            queries: SqlxDriver::new(pool.clone()),
            pool,
            health,
        }
    }

    /// What is lost to the other servers is no error: this server's own sockets are to have it.
    fn unless_lost(&self, sent: Result<(), Error>) -> Result<(), Error> {
        if let Err(error) = sent {
            self.health.lose("a message to other servers", &error);
        }
        Ok(())
    }
}

/// Watches over one connection that is for nothing else: the pool tries again by itself, and does not say why.
async fn watch(options: PgConnectOptions, weak: Weak<Health>) {
    let mut backoff = Backoff::default();
    loop {
        let problem = match PgConnection::connect_with(&options).await {
            Ok(mut connection) => {
                backoff = Backoff::default();
                let Some(health) = weak.upgrade() else {
                    return;
                };
                health.connected();
                drop(health);
                loop {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if weak.strong_count() == 0 {
                        return;
                    }
                    if let Err(error) = connection.ping().await {
                        break error;
                    }
                }
            }
            Err(error) => error,
        };
        let Some(health) = weak.upgrade() else {
            return;
        };
        health.disconnected(&problem);
        drop(health);
        backoff.wait().await;
    }
}

/// Hands notifications on, over one listener after the other, until nobody takes them.
async fn listen(
    pool: PgPool,
    channels: Vec<String>,
    mut listener: PgListener,
    notifications: mpsc::Sender<PgNotification>,
) {
    let mut backoff = Backoff::default();
    loop {
        let received = tokio::select! {
            received = listener.recv() => received,
            () = notifications.closed() => return,
        };
        match received {
            Ok(notification) => {
                backoff = Backoff::default();
                if notifications.send(notification).await.is_err() {
                    return;
                }
            }
            Err(_) => {
                backoff.wait().await;
                let channels = channels.iter().map(String::as_str);
                if let Ok(mut new) = PgListener::connect_with(&pool).await
                    && new.listen_all(channels).await.is_ok()
                {
                    listener = new;
                }
            }
        }
    }
}

impl Driver for PostgresDriver {
    type Error = Error;
    type Notification = PgNotification;
    type NotificationStream = BoxStream<'static, PgNotification>;

    async fn init(&self, table: &str) -> Result<(), Error> {
        self.queries.init(table).await
    }

    async fn listen(&self, channels: &[&str]) -> Result<Self::NotificationStream, Error> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen_all(channels.iter().copied()).await?;
        let (sender, receiver) = mpsc::channel(BUFFER);
        let channels = channels.iter().map(ToString::to_string).collect();
        tokio::spawn(listen(self.pool.clone(), channels, listener, sender));
        let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
            let next = receiver.recv().await?;
            Some((next, receiver))
        });
        Ok(stream.boxed())
    }

    async fn notify(&self, channel: &str, message: &str) -> Result<(), Error> {
        self.unless_lost(self.queries.notify(channel, message).await)
    }

    async fn push_attachment(&self, table: &str, attachment: &[u8]) -> Result<i64, Error> {
        let pushed = self.queries.push_attachment(table, attachment).await;
        // The number of none: who is told of it will not find it.
        pushed.or_else(|error| self.unless_lost(Err(error)).map(|()| -1))
    }

    async fn get_attachment(&self, table: &str, id: i64) -> Result<Vec<u8>, Error> {
        self.queries.get_attachment(table, id).await
    }

    async fn cleanup_attachments(&self, table: &str, interval: Duration) -> Result<(), Error> {
        self.queries.cleanup_attachments(table, interval).await
    }

    async fn close(&self, channels: &[&str]) -> Result<(), Error> {
        self.queries.close(channels).await
    }
}
