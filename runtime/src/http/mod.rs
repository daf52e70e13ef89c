//! HTTP in front of the connections: the tower layer, who may connect, and long-polling's requests.

pub(crate) mod admission;
pub(crate) mod cors;
pub(crate) mod layer;
pub(crate) mod origins;
pub(crate) mod polling;
pub(crate) mod query;
pub(crate) mod request_head;
pub(crate) mod response_future;
pub(crate) mod responses;
