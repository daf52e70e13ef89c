//! Namespaces that socketioxide has on this server, by path.
//!
//! Contract: [`add`](Namespaces::add) and [`delete`](Namespaces::delete) hold one lock while they run the functions in
//! which socketioxide inserts namespaces into its map and removes them. This list and that map therefore agree. A
//! parser that encodes `()` as text writes JSON (`docs/upstream.md`, *Contracts*; tests: `cluster`, `wire.rs`).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use socketioxide_core::{adapter::CoreAdapter, parser::Parse};

use super::{adapter::ClusterAdapter, engine_adapter::AdapterFactory};
use crate::protocol::{Sid, Value};

/// Adapters of a server's namespaces.
pub struct Namespaces {
    /// `None` if there are no other servers.
    factory: Option<Arc<dyn AdapterFactory>>,
    /// Maximum time that a client waits until its namespace is subscribed to the messages of other servers.
    ready_timeout: Duration,
    /// `true` if the parser writes JSON.
    is_json: AtomicBool,
    adapters: Mutex<HashMap<String, Weak<ClusterAdapter>>>,
}

impl Namespaces {
    pub(crate) fn new(
        factory: Option<Arc<dyn AdapterFactory>>,
        ready_timeout: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            factory,
            ready_timeout,
            is_json: AtomicBool::new(false),
            adapters: Mutex::default(),
        })
    }

    pub(super) fn factory(&self) -> Option<&Arc<dyn AdapterFactory>> {
        self.factory.as_ref()
    }

    /// Detects the encoding of the server's parser, which socketioxide does not expose.
    pub(super) fn note_parser(&self, parser: impl Parse) {
        let packet = parser.encode_value(&(), None);
        let is_json = matches!(packet, Ok(Value::Str(..)));
        self.is_json.store(is_json, Ordering::Relaxed);
    }

    /// Returns `true` if the server's parser writes JSON; known as soon as the server has a namespace.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json.load(Ordering::Relaxed)
    }

    /// Adds the adapter of a namespace, in the same order in which `register` adds the namespace to socketioxide.
    /// Returns the earlier adapter of the path, if the namespace was created twice.
    pub(super) fn add(
        &self,
        adapter: &Arc<ClusterAdapter>,
        register: impl FnOnce(),
    ) -> Option<Arc<ClusterAdapter>> {
        let path = adapter.get_local().path().to_string();
        let mut adapters = self.adapters();
        let older = adapters.insert(path, Arc::downgrade(adapter));
        let older = older.as_ref().and_then(Weak::upgrade);
        adapter.follow(&older);
        register();
        older
    }

    /// Returns the adapter of a namespace on this server.
    pub(crate) fn adapter(&self, path: &str) -> Option<Arc<ClusterAdapter>> {
        let adapter = self.adapters().get(path)?.upgrade()?;
        (!adapter.is_deleted()).then_some(adapter)
    }

    /// Removes a namespace, at the same moment in which `unregister` removes it from socketioxide. From then on, none
    /// of its sockets is current.
    pub(crate) fn delete(&self, path: &str, unregister: impl FnOnce()) {
        let mut adapters = self.adapters();
        let adapter = adapters.get(path).and_then(Weak::upgrade);
        match adapter {
            // The adapter has to unsubscribe from other servers' messages; a newer adapter of the path waits for that.
            Some(adapter) if adapter.delete() => {
                tokio::spawn(adapter.unsubscribe());
            }
            _ => drop(adapters.remove(path)),
        }
        unregister();
    }

    /// Removes a deleted adapter, unless another has taken its path.
    pub(super) fn forget(&self, adapter: &ClusterAdapter) {
        let mut adapters = self.adapters();
        let path = adapter.get_local().path().as_str();
        if let Some(known) = adapters.get(path)
            && std::ptr::eq(known.as_ptr(), adapter)
        {
            adapters.remove(path);
        }
    }

    /// Returns `true` if a socket is in the namespace that socketioxide currently has at this path. A socket in a
    /// namespace that was created at the same time and replaced is not current. The socket has to be in the room of its
    /// own id.
    pub(crate) fn is_current(&self, path: &str, socket: Sid) -> bool {
        self.adapter(path)
            .is_some_and(|adapter| !adapter.get_local().socket_rooms(socket).is_empty())
    }

    /// Resolves when a namespace is certain to be the one of its path and the messages of other servers arrive; returns
    /// `false` after a timeout.
    pub(crate) async fn ready(&self, path: &str) -> bool {
        let Some(ready) = self.adapter(path).and_then(|adapter| adapter.ready()) else {
            return true;
        };
        tokio::time::timeout(self.ready_timeout, ready)
            .await
            .is_ok()
    }

    /// Returns the adapters of all namespaces on this server.
    pub(crate) fn every_adapter(&self) -> Vec<Arc<ClusterAdapter>> {
        self.adapters().values().filter_map(Weak::upgrade).collect()
    }

    fn adapters(&self) -> MutexGuard<'_, HashMap<String, Weak<ClusterAdapter>>> {
        self.adapters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
