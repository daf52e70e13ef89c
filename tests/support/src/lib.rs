//! Support for the tests of this workspace.
//!
//! Without features, the crate has [commands](command) with a deadline, the [memory] of the process, and the
//! [TypeScript tools](typescript). The feature `server` adds servers, their clients, and the engines of a cluster. The
//! feature `cli` adds runs of the command line. A module belongs here if two or more test targets use it.

#[cfg(feature = "cli")]
pub mod cli;
pub mod command;
#[cfg(feature = "server")]
pub mod engine;
#[cfg(feature = "server")]
pub mod logs;
pub mod memory;
#[cfg(feature = "server")]
pub mod network;
#[cfg(feature = "server")]
pub mod node;
#[cfg(feature = "server")]
pub mod postgres;
#[cfg(feature = "server")]
pub mod raw_client;
#[cfg(feature = "server")]
pub mod redis;
#[cfg(feature = "server")]
pub mod server;
pub mod typescript;
#[cfg(feature = "server")]
mod wait;

use std::path::{Path, PathBuf};

#[cfg(feature = "server")]
pub use wait::{TIMEOUT, until, until_within, within};

/// Returns a path of the repository.
fn repository(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the crate is in tests/support").join(path)
}
