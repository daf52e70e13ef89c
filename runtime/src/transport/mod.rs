//! What lies between hyper and the engine: the WebSocket connections of clients.
//!
//! socketioxide takes a connection that is upgraded already. That lets the connection go through here first, which
//! saves two things:
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
mod queue;
mod response;
mod seats;
mod stream;
mod stuck;

pub use address::ClientAddress;
pub use entrance::NotTaken;
pub use layer::{SocketIoLayer, SocketIoService};
pub use origins::{OriginError, Origins};
pub use response::ResponseFuture;

pub(crate) use entrance::Entrance;
pub(crate) use link::{Link, Pause, Place, Route};
