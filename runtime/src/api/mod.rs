//! The API that handlers use: emits, broadcasts and other servers.

pub(crate) mod broadcast;
pub(crate) mod emit;
pub(crate) mod emitter;
pub(crate) mod peer;
pub(crate) mod remote;
pub(crate) mod servers;
pub(crate) mod socket;
