//! One client's connection, over either transport, between the HTTP layer and the engine.
//!
//! engineioxide sees WebSockets only. HTTP long-polling and upgrades end here ([`polling`], [`upgrade`]), for two reasons:
//! the session id that authorizes requests is a secret [token](session_token) and not the public socket id, and
//! [what waits for a client](send_queue) has one limit in bytes, whatever the transport is.
//!
//! [`stream`] sits where engineioxide expects the WebSocket's TCP stream. It takes out the events that
//! [are plain to see](messages) and hands them to their socket without building the engine's messages. Everything else,
//! and everything that is wrong in any way, goes on to the engine, so that one place judges what a client may send.

pub(crate) mod address_permits;
pub(crate) mod carrier;
#[allow(clippy::module_inception, reason = "the layer's main type")]
pub(crate) mod connection;
pub(crate) mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub(crate) mod messages;
pub(crate) mod packet;
pub(crate) mod payload;
pub(crate) mod polling;
pub(crate) mod protocol_error;
pub(crate) mod read_buffer;
pub(crate) mod registry;
pub(crate) mod send_queue;
pub(crate) mod session_token;
pub(crate) mod slow_clients;
pub(crate) mod stream;
pub(crate) mod upgrade;
pub(crate) mod write_stall;
