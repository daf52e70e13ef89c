//! Redis and Valkey: a single server, sentinels, or Redis Cluster.

mod driver;
mod interop;
mod servers;

use std::{
    any::Any,
    sync::{Arc, Weak},
};

use futures_util::{StreamExt, future::BoxFuture};
use socketioxide::adapter::Emitter;
use socketioxide_core::adapter::{CoreAdapter, CoreLocalAdapter};
use socketioxide_redis::{
    CustomRedisAdapter, RedisAdapterConfig, RedisAdapterCtr, drivers::Driver,
};
use tokio::sync::mpsc;

use super::{BUFFER, Engine, EngineConfig, EngineKind, health::Health};
use crate::{
    cluster::{
        event::EventSink,
        interop::{Interop, InteropConfig, InteropProtocol},
        settings::Settings,
        url,
    },
    contract::server_id::ServerId,
    upstream::engine_adapter::{AdapterFactory, EngineAdapter, erase},
};
use driver::RedisDriver;
use servers::Servers;

pub(super) const KIND: EngineKind = EngineKind {
    schemes: &[
        "redis",
        "rediss",
        "redis-sentinel",
        "rediss-sentinel",
        "redis-cluster",
        "rediss-cluster",
    ],
    parse: |url| match Servers::from_url(url) {
        Ok(servers) => Ok(Arc::new(Redis {
            url: url.to_owned(),
            servers: Arc::new(servers),
        })),
        Err(error) => Err(error.to_string()),
    },
};

struct Redis {
    url: String,
    servers: Arc<Servers>,
}

impl EngineConfig for Redis {
    fn url(&self) -> String {
        url::without_password(&self.url)
    }

    fn start(&self, settings: &Settings, health: &Arc<Health>) -> Option<Arc<dyn Engine>> {
        let driver = RedisDriver::start(self.servers.clone(), health.clone());
        let config = RedisAdapterConfig::new()
            .with_prefix(settings.prefix.clone())
            .with_request_timeout(settings.request_timeout);
        Some(Arc::new(RedisEngine {
            constructor: RedisAdapterCtr::new_with_driver(driver.clone(), config),
            driver,
            health: health.clone(),
        }))
    }

    fn check_interop(&self, config: &InteropConfig) -> Result<(), String> {
        if config.protocol == InteropProtocol::Sharded && self.servers.is_cluster() {
            return Err(
                "`redis-cluster://` does not support the sharded adapter; use the classic adapter on the \
                 Node.js servers, and `node_interop`"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

struct RedisEngine {
    driver: RedisDriver,
    constructor: RedisAdapterCtr<RedisDriver>,
    health: Arc<Health>,
}

impl AdapterFactory for RedisEngine {
    fn adapter(&self, local: CoreLocalAdapter<Emitter>) -> Arc<dyn EngineAdapter> {
        erase(CustomRedisAdapter::new(&self.constructor, local))
    }

    fn connected(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.health.wait())
    }

    fn replaces_subscriptions(&self) -> bool {
        true
    }
}

impl Engine for RedisEngine {
    fn publish(&self, _: ServerId, channel: String, message: Vec<u8>) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Err(error) = self.driver.publish(channel, message).await {
                tracing::debug!(%error, "failed to publish a message");
            }
        })
    }

    fn subscribe(
        &self,
        channels: Vec<String>,
        messages: mpsc::Sender<Vec<u8>>,
    ) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            for channel in channels {
                let stream = self.driver.subscribe(channel, BUFFER).await;
                let mut stream = stream.map_err(|error| error.to_string())?;
                let messages = messages.clone();
                tokio::spawn(async move {
                    while let Some((_, message)) = stream.next().await {
                        if messages.send(message).await.is_err() {
                            return;
                        }
                    }
                });
            }
            Ok(())
        })
    }

    fn interop(
        &self,
        config: &InteropConfig,
        server: ServerId,
        events: Weak<dyn EventSink>,
    ) -> Option<Arc<dyn Interop>> {
        let driver = self.driver.clone();
        Some(Arc::new(interop::Member::new(
            driver,
            config.clone(),
            server,
            events,
        )))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
