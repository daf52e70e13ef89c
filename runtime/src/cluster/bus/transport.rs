//! The bus over each engine.

use tokio::sync::mpsc;

use crate::contract::server_id::NodeId;

/// What carries envelopes between servers.
pub(crate) enum Transport {
    /// There are no other servers.
    Memory,
    #[cfg(feature = "testing")]
    Hub(crate::cluster::engine::hub::HubDriver),
    #[cfg(feature = "redis")]
    Redis(crate::cluster::engine::redis::RedisDriver),
    #[cfg(feature = "mongodb")]
    Mongo(crate::cluster::engine::mongodb::MongoDriver),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Postgres),
}

impl Transport {
    /// Whether there may be other servers.
    pub(crate) fn is_remote(&self) -> bool {
        !matches!(self, Self::Memory)
    }

    /// Ends the connections that end themselves when the engine's health says so, and those that do not.
    pub(crate) async fn end(&self) {
        match self {
            Self::Memory => {}
            #[cfg(feature = "testing")]
            Self::Hub(_) => {}
            #[cfg(feature = "mongodb")]
            Self::Mongo(driver) => driver.end().await,
            // Its one connection is watched over.
            #[cfg(feature = "redis")]
            Self::Redis(_) => {}
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.driver.end().await,
        }
    }

    /// Sends to all who listen to a channel. What cannot be sent is lost, and counted by the engine.
    pub(crate) async fn publish(&self, from: NodeId, channel: String, message: Vec<u8>) {
        match self {
            Self::Memory => drop((from, channel, message)),
            #[cfg(feature = "testing")]
            Self::Hub(driver) => driver.send(&channel, &message),
            #[cfg(feature = "mongodb")]
            Self::Mongo(driver) => driver.publish(from.0, channel, message).await,
            #[cfg(feature = "redis")]
            Self::Redis(driver) => {
                use socketioxide_redis::drivers::Driver;
                if let Err(error) = driver.publish(channel, message).await {
                    tracing::debug!(%error, "a message was not published");
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.publish(channel, message).await,
        }
    }

    /// Listens to channels.
    pub(crate) async fn subscribe(
        &self,
        channels: &[String],
    ) -> Result<mpsc::Receiver<Vec<u8>>, String> {
        let (sender, receiver) = mpsc::channel(super::BUFFER);
        match self {
            Self::Memory => drop((channels, sender)),
            #[cfg(feature = "testing")]
            Self::Hub(driver) => {
                let items = driver.listen(channels, super::BUFFER);
                let mut items = items.map_err(|error| error.to_string())?;
                tokio::spawn(async move {
                    while let Some((_, message)) = items.recv().await {
                        if sender.send(message).await.is_err() {
                            return;
                        }
                    }
                });
            }
            #[cfg(feature = "mongodb")]
            Self::Mongo(driver) => {
                let mut items = driver.listen(channels);
                tokio::spawn(async move {
                    while let Some(item) = items.recv().await {
                        if sender.send(item.data).await.is_err() {
                            return;
                        }
                    }
                });
            }
            #[cfg(feature = "redis")]
            Self::Redis(driver) => {
                use futures_util::StreamExt;
                use socketioxide_redis::drivers::Driver;
                for channel in channels {
                    let stream = driver.subscribe(channel.clone(), super::BUFFER).await;
                    let mut stream = stream.map_err(|error| error.to_string())?;
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        while let Some((_, message)) = stream.next().await {
                            if sender.send(message).await.is_err() {
                                return;
                            }
                        }
                    });
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.subscribe(channels, sender).await?,
        }
        Ok(receiver)
    }
}

#[cfg(feature = "postgres")]
pub(crate) mod postgres {
    //! Notifications are text of up to 8,000 bytes: what is longer goes through a table.

    use std::time::Duration;

    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use futures_util::StreamExt;
    use socketioxide_postgres::drivers::Driver;
    use tokio::sync::mpsc;

    use crate::cluster::engine::postgres::PostgresDriver;

    /// The longest text that is notified as it is.
    const LONGEST: usize = 7_900;

    /// How long a message may wait in the table.
    const LIFETIME: Duration = Duration::from_secs(60);

    pub(crate) struct Postgres {
        pub(crate) driver: PostgresDriver,
        pub(crate) table: String,
    }

    impl Postgres {
        pub(crate) async fn publish(&self, channel: String, message: Vec<u8>) {
            let text = BASE64_STANDARD.encode(&message);
            let sent = if text.len() <= LONGEST {
                self.driver.notify(&channel, &text).await
            } else {
                self.publish_by_table(&channel, &message).await
            };
            if let Err(error) = sent {
                tracing::debug!(%error, "a message was not published");
            }
        }

        async fn publish_by_table(
            &self,
            channel: &str,
            message: &[u8],
        ) -> Result<(), <PostgresDriver as Driver>::Error> {
            let id = self.driver.push_attachment(&self.table, message).await?;
            self.driver.notify(channel, &format!("#{id}")).await?;
            self.driver.cleanup_attachments(&self.table, LIFETIME).await
        }

        pub(crate) async fn subscribe(
            &self,
            channels: &[String],
            sender: mpsc::Sender<Vec<u8>>,
        ) -> Result<(), String> {
            let error = |error: <PostgresDriver as Driver>::Error| error.to_string();
            self.driver.init(&self.table).await.map_err(error)?;
            let channels: Vec<_> = channels.iter().map(String::as_str).collect();
            let mut stream = self.driver.listen(&channels).await.map_err(error)?;
            let (driver, table) = (self.driver.clone(), self.table.clone());
            tokio::spawn(async move {
                while let Some(notification) = stream.next().await {
                    let message = match notification.payload().strip_prefix('#') {
                        None => BASE64_STANDARD.decode(notification.payload()).ok(),
                        Some(id) => match id.parse() {
                            Ok(id) => driver.get_attachment(&table, id).await.ok(),
                            Err(_) => None,
                        },
                    };
                    let Some(message) = message else {
                        tracing::warn!("a message of another server could not be read");
                        continue;
                    };
                    if sender.send(message).await.is_err() {
                        return;
                    }
                }
            });
            Ok(())
        }
    }
}
