//! Answers to inter-server events.

use std::sync::Weak;

use super::{Bus, envelope::Body};
use crate::{
    cluster::event::{EventReply, Outcome},
    contract::server_id::ServerId,
};

/// The recipient of an answer: another server of this cluster.
#[derive(Clone)]
pub(crate) struct ServerReply {
    pub(crate) bus: Weak<Bus>,
    pub(crate) to: ServerId,
    pub(crate) request: u64,
}

impl EventReply for ServerReply {
    fn send(&self, outcome: Outcome) {
        if let Some(bus) = self.bus.upgrade() {
            let request = self.request;
            bus.send_soon(self.to, Body::Answer { request, outcome });
        }
    }

    fn takes_rejections(&self) -> bool {
        true
    }
}
