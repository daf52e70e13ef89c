//! HTTP in front of the connections: the tower layer, and what is decided before a request costs anything.
//!
//! [`admission`] decides who may connect: by the page's [origin](origins), by the number of connections of the client's
//! address, and by whether the server is shutting down. [`request_head`] copies the head of a request to a buffer of its
//! own size: hyper's headers point into the buffer that they were read into, so that a connection that keeps them would
//! keep up to 16 kB. [`polling`] answers the requests of HTTP long-polling.

pub(crate) mod admission;
pub(crate) mod cors;
pub(crate) mod layer;
pub(crate) mod origins;
pub(crate) mod polling;
pub(crate) mod query;
pub(crate) mod request_head;
pub(crate) mod response_future;
pub(crate) mod responses;
