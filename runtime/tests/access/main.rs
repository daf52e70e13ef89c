//! Access control: authentication, allowed origins, connections per address, session expiry, and the isolation of rooms
//! and namespaces.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

mod addresses;
mod authentication;
mod expiry;
mod isolation;
mod origins;
