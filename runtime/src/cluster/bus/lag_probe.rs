//! Measurement of the time that a message takes through the engine: a server also receives its own heartbeats.

use std::sync::{Mutex, PoisonError};

use super::envelope::Body;
use crate::metrics::{self, Moment};

/// The time of the last heartbeat that this server has sent and not yet received.
#[derive(Default)]
pub(crate) struct LagProbe(Mutex<Option<Moment>>);

impl LagProbe {
    /// Records that a heartbeat is about to be sent.
    pub(crate) fn sent(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Moment::now());
    }

    /// Handles a message that this server has sent itself.
    pub(crate) fn received(&self, body: &Body) {
        if !matches!(body, Body::Alive) {
            return;
        }
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sent) = sent {
            metrics::bus_lag(sent);
        }
    }
}
