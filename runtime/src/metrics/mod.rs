//! Metrics for the recorder of the [`metrics`](https://docs.rs/metrics) crate that the application installs. Without
//! the cargo feature, every function here does nothing.
//!
//! Labels never have values that a client has invented. Events are labelled only with names that the server knows, and
//! namespaces with their patterns. docs/observability.md lists the metrics.

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

/// Other side of a namespace's events: clients or servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventOrigin {
    Client,
    Server,
}
