//! What an application sets: limits, policies, sources of addresses.

pub(crate) mod client_address;
pub(crate) mod limits;
pub(crate) mod overflow_policy;
pub(crate) mod parser;
