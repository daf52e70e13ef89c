//! Sessions: one client in one namespace, from its CONNECT packet to its last hook.

pub(crate) mod acknowledgement;
pub(crate) mod backlog;
pub(crate) mod children;
pub(crate) mod connect;
pub(crate) mod connect_error;
pub(crate) mod disconnect;
pub(crate) mod dispatch;
pub(crate) mod expiry;
pub(crate) mod fingerprints;
pub(crate) mod handshake;
pub(crate) mod lifecycle;
pub(crate) mod listeners;
pub(crate) mod namespace_state;
pub(crate) mod pending_disconnects;
pub(crate) mod pending_events;
pub(crate) mod rates;
pub(crate) mod socket;
pub(crate) mod span;
