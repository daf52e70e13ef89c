//! Cluster engines, which carry messages between servers.
//!
//! An engine is one module that implements [`EngineConfig`] and [`Engine`], and one entry in [`ENGINES`].

pub(crate) mod health;
#[cfg(feature = "testing")]
pub(crate) mod hub;
mod memory;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod outbox;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;

use std::{
    any::Any,
    sync::{Arc, Weak},
};

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::{
    error::ClusterError,
    event::EventSink,
    interop::{Interop, InteropConfig},
    settings::Settings,
    url,
};
use crate::{contract::server_id::ServerId, upstream::engine_adapter::AdapterFactory};
use health::Health;

/// The engines in this build.
static ENGINES: &[EngineKind] = &[
    memory::KIND,
    #[cfg(feature = "redis")]
    redis::KIND,
    #[cfg(feature = "postgres")]
    postgres::KIND,
];

/// The Cargo features of all engines, with the URL schemes of each.
const FEATURES: &[(&str, &[&str])] = &[
    (
        "redis",
        &[
            "redis",
            "rediss",
            "redis-sentinel",
            "rediss-sentinel",
            "redis-cluster",
            "rediss-cluster",
        ],
    ),
    ("postgres", &["postgres", "postgresql"]),
];

/// Maximum number of messages of other servers that wait to be handled.
pub(crate) const BUFFER: usize = 1024;

pub(crate) struct EngineKind {
    schemes: &'static [&'static str],
    /// Parses a URL with one of the schemes. The error must not repeat the URL.
    parse: fn(url: &str) -> Result<Arc<dyn EngineConfig>, String>,
}

/// The configuration of an engine, parsed from a URL.
pub(crate) trait EngineConfig: Send + Sync {
    /// Returns the URL, without its password.
    fn url(&self) -> String;

    /// Connects in the background and reports to `health`. Returns `None` if there are no other servers.
    fn start(&self, settings: &Settings, health: &Arc<Health>) -> Option<Arc<dyn Engine>>;

    /// `true` if there is nothing to connect to.
    fn is_in_memory(&self) -> bool {
        false
    }

    /// Checks whether Node.js servers can be members of the cluster. The error is the reason why they cannot.
    fn check_interop(&self, _: &InteropConfig) -> Result<(), String> {
        Err("only the Redis engine supports Node.js servers".to_owned())
    }
}

/// A started engine. It ends when it is dropped, or when its [`Health`] has ended.
pub(crate) trait Engine: AdapterFactory {
    /// Sends a message to all servers that subscribe to the channel. A message that cannot be sent is lost, and is
    /// counted in the engine's [`Health`].
    fn publish(&self, from: ServerId, channel: String, message: Vec<u8>) -> BoxFuture<'_, ()>;

    /// Subscribes to channels. Their messages are sent to `messages` in order.
    fn subscribe(
        &self,
        channels: Vec<String>,
        messages: mpsc::Sender<Vec<u8>>,
    ) -> BoxFuture<'_, Result<(), String>>;

    /// Closes the connections that do not close when the engine's [`Health`] has ended.
    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// Records the server that uses this engine.
    fn note_server(&self, _: Weak<dyn Any + Send + Sync>) {}

    /// Joins the Node.js servers that use the same engine. Their events are sent to `events`.
    fn interop(
        &self,
        _: &InteropConfig,
        _: ServerId,
        _: Weak<dyn EventSink>,
    ) -> Option<Arc<dyn Interop>> {
        None
    }

    /// Returns the engine as [`Any`], for tests that downcast it.
    fn as_any(&self) -> &dyn Any;
}

pub(crate) fn parse(url: &str) -> Result<Arc<dyn EngineConfig>, ClusterError> {
    let scheme = url::scheme(url)?;
    let kind = ENGINES.iter().find(|kind| kind.schemes.contains(&scheme));
    let kind = kind.ok_or_else(|| unknown(scheme))?;
    (kind.parse)(url).map_err(|reason| ClusterError::Url {
        url: url::without_password(url),
        reason,
    })
}

/// Returns the engine of a server that works alone.
pub(crate) fn memory() -> Arc<dyn EngineConfig> {
    Arc::new(memory::Memory)
}

fn unknown(scheme: &str) -> ClusterError {
    let known = FEATURES
        .iter()
        .find(|(_, schemes)| schemes.contains(&scheme));
    match known {
        Some((feature, _)) => ClusterError::MissingFeature {
            scheme: scheme.to_owned(),
            feature,
        },
        None => ClusterError::UnknownEngine(scheme.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_names_the_missing_feature() {
        for (scheme, feature) in [("rediss-cluster", "redis"), ("postgresql", "postgres")] {
            let error = unknown(scheme).to_string();
            assert!(error.contains(&format!("`{scheme}://`")), "{error}");
            assert!(
                error.contains(&format!("Cargo feature `{feature}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn every_engine_has_a_feature() {
        let listed = |scheme: &str| FEATURES.iter().any(|(_, all)| all.contains(&scheme));
        let schemes = ENGINES.iter().flat_map(|kind| kind.schemes);
        for scheme in schemes.filter(|scheme| **scheme != "memory") {
            assert!(listed(scheme), "{scheme}");
        }
    }
}
