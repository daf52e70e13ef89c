//! Runs of the command line, and schema documents for its generators.

mod document;
mod own_part;
mod run;
mod zoo;

pub use document::{Document, event};
pub use own_part::own_part;
pub use run::{Run, copy_of, fixtures};
pub use zoo::{chat, zoo};
