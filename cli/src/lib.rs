//! The library behind the command `sio-types`: TypeScript from a crate's Socket.IO events.

mod error;
pub mod typescript;

pub use error::Error;
