//! Connection of one client over either transport, between the HTTP layer and the engine.
//!
//! engineioxide only sees WebSockets. HTTP long-polling and upgrades end here ([`polling`], [`upgrade`]), for two
//! reasons. The session id that authorizes requests is a secret [token](session_token) and not the public socket id.
//! And [the data that waits for a client](send_queue) has one limit in bytes, whatever the transport is.
//!
//! [`stream`] takes the place of the WebSocket's TCP stream below engineioxide. It extracts [plain events](messages)
//! and hands them to their socket without building the engine's messages. Everything else, including everything
//! malformed, goes to the engine, so that only one place judges what a client may send.

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
