//! The namespaces that socketioxide has on this server, by path.
//!
//! Contract: namespaces are inserted into and removed from socketioxide's map by the functions that
//! [`add`](Namespaces::add) and [`delete`](Namespaces::delete) run under one lock, so that this list and that map agree;
//! a parser that encodes `()` as text writes JSON (`docs/upstream.md`, *Contracts*; tests: `cluster`, `wire.rs`).

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

/// The adapters of a server's namespaces.
pub struct Namespaces {
    /// `None` if there are no other servers.
    factory: Option<Arc<dyn AdapterFactory>>,
    /// Longest time that a client waits for its namespace to be subscribed to other servers' messages.
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

    /// Notes what the server's parser writes, which socketioxide does not tell.
    pub(super) fn note_parser(&self, parser: impl Parse) {
        let packet = parser.encode_value(&(), None);
        let is_json = matches!(packet, Ok(Value::Str(..)));
        self.is_json.store(is_json, Ordering::Relaxed);
    }

    /// `true` if the server's parser writes JSON; known as soon as the server has a namespace.
    pub(crate) fn is_json(&self) -> bool {
        self.is_json.load(Ordering::Relaxed)
    }

    /// Adds the adapter of a namespace, in the same order as `register` makes socketioxide know the namespace. Returns the
    /// adapter that was there before, if the namespace was made twice.
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

    /// The adapter of a namespace that is on this server.
    pub(crate) fn adapter(&self, path: &str) -> Option<Arc<ClusterAdapter>> {
        let adapter = self.adapters().get(path)?.upgrade()?;
        (!adapter.is_deleted()).then_some(adapter)
    }

    /// Forgets a namespace, at the same moment as `unregister` makes socketioxide forget it. From then on no socket of it
    /// is current.
    pub(crate) fn delete(&self, path: &str, unregister: impl FnOnce()) {
        let mut adapters = self.adapters();
        let adapter = adapters.get(path).and_then(Weak::upgrade);
        match adapter {
            // What other servers send is to be unsubscribed from, and whoever takes the path waits for that.
            Some(adapter) if adapter.delete() => {
                tokio::spawn(adapter.unsubscribe());
            }
            _ => drop(adapters.remove(path)),
        }
        unregister();
    }

    /// Forgets a deleted adapter, unless another has taken its path.
    pub(super) fn forget(&self, adapter: &ClusterAdapter) {
        let mut adapters = self.adapters();
        let path = adapter.get_local().path().as_str();
        if let Some(known) = adapters.get(path)
            && std::ptr::eq(known.as_ptr(), adapter)
        {
            adapters.remove(path);
        }
    }

    /// `true` if a socket is in the namespace that socketioxide knows by this path, and not in one that was made at the
    /// same time and is lost. The socket has to be in the room of its own id.
    pub(crate) fn is_current(&self, path: &str, socket: Sid) -> bool {
        self.adapter(path)
            .is_some_and(|adapter| !adapter.get_local().socket_rooms(socket).is_empty())
    }

    /// Resolves when it is sure that a namespace is the one of its path, and the other servers' messages for it
    /// arrive; `false` if that takes too long.
    pub(crate) async fn ready(&self, path: &str) -> bool {
        let Some(ready) = self.adapter(path).and_then(|adapter| adapter.ready()) else {
            return true;
        };
        tokio::time::timeout(self.ready_timeout, ready)
            .await
            .is_ok()
    }

    /// The adapters of the namespaces that are on this server.
    pub(crate) fn every_adapter(&self) -> Vec<Arc<ClusterAdapter>> {
        self.adapters().values().filter_map(Weak::upgrade).collect()
    }

    fn adapters(&self) -> MutexGuard<'_, HashMap<String, Weak<ClusterAdapter>>> {
        self.adapters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
