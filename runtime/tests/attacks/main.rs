//! Attacks on a running server: what a client does that keeps to no rule but its own.

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
