//! What lies between hyper and the engine: the connections of clients, over either transport.
//!
//! socketioxide takes a connection that is a WebSocket already, and here every connection is one to it:
//! [HTTP long-polling](polling) and the change to a WebSocket end here. So the id of a session, which authorises its
//! requests, is a [token] of its own and not the public id of its sockets; and [what waits for a client](send_queue) has
//! one limit in bytes. That a connection goes through here saves two things as well:
//!
//! - **Memory.** hyper's headers point into the buffer that they were read into, so that a connection that keeps its
//!   headers keeps up to 16 kB. Here [they are copied](head) to a buffer of their own size.
//! - **InFlight.** The engine reads a message into a WebSocket message, that into an Engine.IO packet, that into one of
//!   Socket.IO, and reads all of its JSON to find the event's name; then we read it once more for the arguments. Here an
//!   event that is [plain to see](messages) goes from the frame to its handler. Everything else, and everything that is
//!   wrong in any way, takes the engine's way, so that there is one place that judges what a client may send.
//!
//! It is also where a request is refused before it costs anything: [by where its page comes from](origins), and by how
//! many connections [its address](address) has.

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
