//! What is counted and measured, for whichever recorder of the [`metrics`](https://docs.rs/metrics) crate the application
//! installs. Without the cargo feature every function here does nothing.
//!
//! A label never has a value that a client has made up: events are named as far as the server knows them, and namespaces
//! by their patterns. docs/observability.md says what there is.

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(feature = "metrics")]
mod on;
#[cfg(feature = "metrics")]
mod table;

#[cfg(not(feature = "metrics"))]
pub(crate) use off::*;
#[cfg(feature = "metrics")]
pub(crate) use on::*;

/// Who it is that a namespace's events come from and go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventOrigin {
    Client,
    Server,
}
