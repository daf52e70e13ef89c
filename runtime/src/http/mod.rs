//! HTTP layer in front of the connections: the tower layer, and the checks before a request uses any resources.
//!
//! [`admission`] decides who may connect, by the [origin](origins) of the page, the number of connections of the
//! client's address, and the shutdown state of the server. [`request_head`] copies the head of a request to a buffer of
//! its own size: hyper's headers point into the buffer that they were read into, so a connection that keeps them would
//! keep up to 16 kB. [`polling`] responds to the requests of HTTP long-polling.

pub(crate) mod admission;
pub(crate) mod cors;
pub(crate) mod layer;
pub(crate) mod origins;
pub(crate) mod polling;
pub(crate) mod query;
pub(crate) mod request_head;
pub(crate) mod response_future;
pub(crate) mod responses;
