//! Nobody gets in where they do not belong: pages of other origins, too many of one address, clients whose token has
//! expired, and messages that are for others.

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
