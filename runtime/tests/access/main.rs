//! Nobody gets in where they do not belong: pages of other origins, too many of one address, clients whose token has
//! expired, and messages that are for others.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

#[path = "../../../tests/wire/support/engines.rs"]
#[cfg(feature = "redis")]
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "only one of them is used"
)]
mod engines;
#[path = "../../../tests/wire/support/mod.rs"]
mod support;

mod addresses;
mod client;
mod expiry;
mod isolation;
mod letting_in;
mod origins;
