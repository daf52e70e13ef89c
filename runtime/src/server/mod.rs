//! The server: how it is built, watched and shut down.

pub(crate) mod builder;
pub(crate) mod health;
pub(crate) mod shutdown;
pub(crate) mod socket_io;
