//! What lies between hyper and the engine: the connections of clients, over either transport.
//!
//! socketioxide takes a connection that is a WebSocket already, and here every connection is one to it:
//! [HTTP long-polling](polling) and the change to a WebSocket end here. So the id of a session, which authorises its
//! requests, is a [token] of its own and not the public id of its sockets; and [what waits for a client](send_queue) has
//! one limit in bytes. That a connection goes through here saves two things as well:
//!
//! - **Memory.** hyper's headers point into the buffer that they were read into, so that a connection that keeps its
//!   headers keeps up to 16 kB. Here [they are copied](head) to a buffer of their own size.
//! - **Work.** The engine reads a message into a WebSocket message, that into an Engine.IO packet, that into one of
//!   Socket.IO, and reads all of its JSON to find the event's name; then we read it once more for the arguments. Here an
//!   event that is [plain to see](messages) goes from the frame to its handler. Everything else, and everything that is
//!   wrong in any way, takes the engine's way, so that there is one place that judges what a client may send.
//!
//! It is also where a request is refused before it costs anything: [by where its page comes from](origins), and by how
//! many connections [its address](address) has.

mod address;
mod answer;
mod behind;
mod carrier;
mod cors;
mod entrance;
mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod head;
mod layer;
mod link;
mod messages;
mod origins;
mod packet;
mod payload;
mod polling;
mod query;
mod queue;
mod response;
mod seats;
mod send_queue;
mod stream;
mod stuck;
mod token;
mod upgrade;

pub use address::ClientAddress;
pub use answer::AnswerBody;
pub use entrance::NotTaken;
pub use layer::{SocketIoLayer, SocketIoService};
pub use origins::{OriginError, Origins};
pub use response::ResponseFuture;

pub(crate) use behind::Behind;
pub(crate) use entrance::Entrance;
pub(crate) use link::{InProgress, Link, Pause, Place, Route};
