//! Metrics without the cargo feature, which record nothing.

use super::EventOrigin;
use crate::{
    contract::error::{AckError, EmitError},
    wire::acknowledgement::RejectionCode,
};

/// Start of a measurement; empty.
#[derive(Clone, Copy)]
pub(crate) struct Moment;

impl Moment {
    pub(crate) fn now() -> Self {
        Self
    }
}

/// Metrics of a namespace; empty.
pub(crate) struct Traffic;

impl Traffic {
    pub(crate) fn new(_: &'static str, _: EventOrigin) -> Self {
        Self
    }

    pub(crate) fn connected(&self) {}
    pub(crate) fn disconnected(&self, _: &'static str) {}
    pub(crate) fn refused_connect(&self) {}
    pub(crate) fn received(&self, _: &'static str) {}
    pub(crate) fn handled(&self, _: &'static str, _: Moment) {}
    pub(crate) fn waits(&self) {}
    pub(crate) fn waited(&self) {}
    pub(crate) fn refused(&self, _: &str, _: RejectionCode) {}
    pub(crate) fn sent(&self, _: &'static str, _: Option<&EmitError>) {}
    pub(crate) fn answered(&self, _: &'static str, _: Moment, _: Option<&AckError>) {}
}

pub(crate) fn connection_opened() {}
pub(crate) fn connection_closed(_: &'static str) {}
pub(crate) fn connection_refused(_: &'static str) {}
pub(crate) fn connection_ended(_: &'static str) {}
pub(crate) fn event_dropped() {}
pub(crate) fn packets_wait(_: usize) {}
pub(crate) fn packets_gone(_: usize) {}
pub(crate) fn cluster_connected(_: bool) {}
pub(crate) fn cluster_lost() {}
pub(crate) fn bus_sent() {}
pub(crate) fn bus_received() {}
pub(crate) fn bus_lag(_: Moment) {}
pub(crate) fn bus_requested(_: Moment, _: usize) {}
