//! Builds the model from syntax. Reports parts that it does not understand, and leaves them out.

mod events;
mod namespace;
mod rate;

pub(crate) use events::event_trait;
pub(crate) use namespace::namespace;
