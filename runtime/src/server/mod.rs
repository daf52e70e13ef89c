//! The server: builder, health and shutdown.

pub(crate) mod builder;
pub(crate) mod health;
pub(crate) mod shutdown;
pub(crate) mod socket_io;
