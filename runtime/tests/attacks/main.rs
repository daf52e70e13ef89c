//! Attacks on a running server by clients that break the rules of the protocol.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

mod events;
mod logs;
mod queries;
mod requests;
mod sessions;
mod turns;
