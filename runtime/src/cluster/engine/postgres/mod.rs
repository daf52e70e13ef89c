//! PostgreSQL, with `NOTIFY` and `LISTEN`.
//!
//! A notification is text of up to 8,000 bytes. Longer messages are stored in a table.

mod driver;

use std::{any::Any, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures_util::{StreamExt, future::BoxFuture};
use socketioxide::adapter::Emitter;
use socketioxide_core::adapter::{CoreAdapter, CoreLocalAdapter};
use socketioxide_postgres::{
    CustomPostgresAdapter, PostgresAdapterConfig, PostgresAdapterCtr,
    drivers::{Driver, sqlx::sqlx_client::postgres::PgConnectOptions},
};
use tokio::sync::mpsc;

use super::{Engine, EngineConfig, EngineKind, health::Health};
use crate::{
    cluster::{settings::Settings, url},
    contract::server_id::ServerId,
    upstream::engine_adapter::{AdapterFactory, EngineAdapter, erase},
};
use driver::PostgresDriver;

/// Maximum length of a message in a notification, in bytes of Base64. Longer messages are stored in the table.
const LONGEST: usize = 7_900;

/// Maximum time that a message stays in the table.
const LIFETIME: Duration = Duration::from_secs(60);

pub(super) const KIND: EngineKind = EngineKind {
    schemes: &["postgres", "postgresql"],
    parse: |url| match url.parse() {
        Ok(options) => Ok(Arc::new(Postgres {
            url: url.to_owned(),
            options,
        })),
        Err(error) => {
            let error: <PostgresDriver as Driver>::Error = error;
            Err(error.to_string())
        }
    },
};

struct Postgres {
    url: String,
    options: PgConnectOptions,
}

impl EngineConfig for Postgres {
    fn url(&self) -> String {
        url::without_password(&self.url)
    }

    fn start(&self, settings: &Settings, health: &Arc<Health>) -> Option<Arc<dyn Engine>> {
        let driver = PostgresDriver::start(self.options.clone(), health.clone());
        let table = settings.prefix.replace('-', "_");
        let config = PostgresAdapterConfig::new()
            .with_prefix(settings.prefix.clone())
            .with_table_name(format!("{table}_attachments"))
            .with_hb_interval(settings.heartbeat)
            .with_hb_timeout(settings.expiry)
            .with_request_timeout(settings.request_timeout);
        Some(Arc::new(PostgresEngine {
            constructor: PostgresAdapterCtr::new_with_driver(driver.clone(), config),
            driver,
            table: format!("{table}_bus"),
            health: health.clone(),
        }))
    }
}

struct PostgresEngine {
    driver: PostgresDriver,
    constructor: PostgresAdapterCtr<PostgresDriver>,
    table: String,
    health: Arc<Health>,
}

impl AdapterFactory for PostgresEngine {
    fn adapter(&self, local: CoreLocalAdapter<Emitter>) -> Arc<dyn EngineAdapter> {
        erase(CustomPostgresAdapter::new(&self.constructor, local))
    }

    fn connected(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.health.wait())
    }

    fn replaces_subscriptions(&self) -> bool {
        false
    }
}

impl Engine for PostgresEngine {
    fn publish(&self, _: ServerId, channel: String, message: Vec<u8>) -> BoxFuture<'_, ()> {
        Box::pin(self.publish_message(channel, message))
    }

    fn subscribe(
        &self,
        channels: Vec<String>,
        messages: mpsc::Sender<Vec<u8>>,
    ) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { self.subscribe_to(&channels, messages).await })
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.driver.end())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl PostgresEngine {
    async fn publish_message(&self, channel: String, message: Vec<u8>) {
        let text = BASE64_STANDARD.encode(&message);
        let sent = if text.len() <= LONGEST {
            self.driver.notify(&channel, &text).await
        } else {
            self.publish_by_table(&channel, &message).await
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "failed to publish a message");
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

    async fn subscribe_to(
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
                    tracing::warn!("failed to decode a message from another server");
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
