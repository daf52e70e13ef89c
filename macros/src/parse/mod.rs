//! Parsing of the user's items into the model. Syntax that is not supported is reported and left out.

mod events;
mod namespace;
mod rate;

pub(crate) use events::event_trait;
pub(crate) use namespace::namespace;
