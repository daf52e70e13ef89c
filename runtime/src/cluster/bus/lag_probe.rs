//! How long a message takes through the engine: a server hears what it tells all, itself included.

use std::sync::{Mutex, PoisonError};

use super::envelope::Body;
use crate::metrics::{self, Moment};

/// The last heartbeat, until it is heard.
#[derive(Default)]
pub(crate) struct LagProbe(Mutex<Option<Moment>>);

impl LagProbe {
    /// Notes that a heartbeat is about to be sent.
    pub(crate) fn sent(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Moment::now());
    }

    /// Takes a message of this very server.
    pub(crate) fn heard(&self, body: &Body) {
        if !matches!(body, Body::Alive) {
            return;
        }
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sent) = sent {
            metrics::bus_lag(sent);
        }
    }
}
