//! Settings of an application: limits, policies and the source of client addresses.

pub(crate) mod client_address;
pub(crate) mod limits;
pub(crate) mod overflow_policy;
pub(crate) mod parser;
