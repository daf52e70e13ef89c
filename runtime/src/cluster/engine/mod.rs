//! Cluster engines: what carries messages between servers.
//!
//! An engine is one file that implements [`EngineConfig`] and [`Engine`], and one line in [`ENGINES`].

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

/// The engines of this build.
static ENGINES: &[EngineKind] = &[
    memory::KIND,
    #[cfg(feature = "redis")]
    redis::KIND,
    #[cfg(feature = "postgres")]
    postgres::KIND,
];

/// The cargo features of all engines, with the schemes of their URLs.
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

/// Number of messages of other servers that may wait to be handled.
pub(crate) const BUFFER: usize = 1024;

/// One kind of engine.
pub(crate) struct EngineKind {
    /// The schemes of its URLs.
    schemes: &'static [&'static str],
    /// Reads such a URL. The error does not repeat it.
    parse: fn(url: &str) -> Result<Arc<dyn EngineConfig>, String>,
}

/// What a URL says of an engine.
pub(crate) trait EngineConfig: Send + Sync {
    /// The URL, without its password.
    fn url(&self) -> String;

    /// Starts to connect, and reports to `health`; `None` if there are no other servers.
    fn start(&self, settings: &Settings, health: &Arc<Health>) -> Option<Arc<dyn Engine>>;

    /// `true` if there is nothing to connect to.
    fn is_in_memory(&self) -> bool {
        false
    }

    /// Checks whether servers of Node.js can be members; the error is the reason why not.
    fn check_interop(&self, _: &InteropConfig) -> Result<(), String> {
        Err("Node's servers are reached by Redis alone".to_owned())
    }
}

/// An engine at work. It ends when it is dropped, or when its [`Health`] says so.
pub(crate) trait Engine: AdapterFactory {
    /// Sends a message to all servers that subscribe to the channel. A message that cannot be sent is lost, and counted
    /// by the engine's [`Health`].
    fn publish(&self, from: ServerId, channel: String, message: Vec<u8>) -> BoxFuture<'_, ()>;

    /// Subscribes to channels. Their messages go to `messages` in the order in which they were sent.
    fn subscribe(
        &self,
        channels: Vec<String>,
        messages: mpsc::Sender<Vec<u8>>,
    ) -> BoxFuture<'_, Result<(), String>>;

    /// Ends the connections that do not end themselves when the engine's [`Health`] says so.
    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// Notes the server that uses this engine.
    fn note_server(&self, _: Weak<dyn Any + Send + Sync>) {}

    /// Joins the servers of Node.js that use the same engine, whose events go to `events`.
    fn interop(
        &self,
        _: &InteropConfig,
        _: ServerId,
        _: Weak<dyn EventSink>,
    ) -> Option<Arc<dyn Interop>> {
        None
    }

    /// This engine, for tests that know which it is.
    fn as_any(&self) -> &dyn Any;
}

/// Reads the URL of an engine.
pub(crate) fn parse(url: &str) -> Result<Arc<dyn EngineConfig>, ClusterError> {
    let scheme = url::scheme(url)?;
    let kind = ENGINES.iter().find(|kind| kind.schemes.contains(&scheme));
    let kind = kind.ok_or_else(|| unknown(scheme))?;
    (kind.parse)(url).map_err(|reason| ClusterError::Url {
        url: url::without_password(url),
        reason,
    })
}

/// This server alone.
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
    fn what_is_not_in_the_build_is_named() {
        for (scheme, feature) in [("rediss-cluster", "redis"), ("postgresql", "postgres")] {
            let error = unknown(scheme).to_string();
            assert!(error.contains(&format!("`{scheme}://`")), "{error}");
            assert!(
                error.contains(&format!("cargo feature `{feature}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn every_engine_is_listed_with_its_feature() {
        let listed = |scheme: &str| FEATURES.iter().any(|(_, all)| all.contains(&scheme));
        let schemes = ENGINES.iter().flat_map(|kind| kind.schemes);
        for scheme in schemes.filter(|scheme| **scheme != "memory") {
            assert!(listed(scheme), "{scheme}");
        }
    }
}
