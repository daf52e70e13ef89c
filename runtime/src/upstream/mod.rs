//! socketioxide and engineioxide: their types with our adapter, and every workaround.
//!
//! Each file names the contract that it relies on; `docs/upstream.md` lists them.

pub(crate) mod adapter;
pub(crate) mod engine_adapter;
pub(crate) mod errors;
pub(crate) mod extract;
pub(crate) mod limits;
pub(crate) mod namespaces;
pub(crate) mod reconnect;

/// The adapter under every socket.
pub type Adapter = adapter::ClusterAdapter;

/// A socket of socketioxide.
pub(crate) type RawSocket = socketioxide::socket::Socket<Adapter>;
