//! From syntax to the model: what cannot be understood is reported and left out.

mod events;
mod namespace;
mod rate;

pub(crate) use events::event_trait;
pub(crate) use namespace::namespace;
