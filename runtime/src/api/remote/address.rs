//! Location of one socket in the cluster, and the ways to reach it.

use std::{sync::Arc, time::Duration};

use crate::{
    cluster::{
        bus::{
            Bus,
            envelope::{Action, Body, Selection},
        },
        question::Question,
    },
    contract::{error::EmitError, server_id::ServerId},
    protocol::Sid,
    upstream::{
        BroadcastOptions, CoreAdapter, Packet, Parse, RemoteSocketData, adapter::ClusterAdapter,
    },
    wire::arguments::{Arguments, Outgoing},
};

/// Location of a socket in the cluster.
#[derive(Clone)]
pub(super) struct RemoteAddress {
    pub(super) id: Sid,
    pub(super) server: ServerId,
    pub(super) path: String,
    pub(super) bus: Arc<Bus>,
}

impl RemoteAddress {
    /// Returns the adapter of the namespace, if this server has the namespace.
    pub(super) fn adapter(&self) -> Option<Arc<ClusterAdapter>> {
        self.bus.cluster().namespaces.adapter(&self.path)
    }

    /// Returns the adapter's options that select this one socket.
    pub(super) fn options(&self) -> BroadcastOptions {
        BroadcastOptions::new_remote(&RemoteSocketData {
            id: self.id,
            server_id: self.server.0,
            ns: self.path.clone().into(),
        })
    }

    pub(super) fn packet(
        &self,
        adapter: &ClusterAdapter,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<Packet, EmitError> {
        let parser = adapter.get_local().parser();
        let value = parser.encode_value(&Outgoing(arguments), Some(event));
        let value = value.map_err(|error| EmitError::Encode(error.to_string()))?;
        Ok(Packet::event(self.path.clone(), value))
    }

    pub(super) fn question(
        &self,
        event: &str,
        arguments: &dyn Arguments,
        timeout: Option<Duration>,
    ) -> Result<Question, EmitError> {
        let timeout = timeout.unwrap_or(self.bus.request_timeout());
        let selection = Selection::of(self.id);
        Question::new(self.path.clone(), selection, event, arguments, timeout)
    }

    /// Relays an action to all other servers; the socket's own server performs it.
    pub(super) async fn relay(&self, action: Action) -> Result<(), EmitError> {
        let selection = Selection::of(self.id);
        let namespace = self.path.clone();
        self.bus
            .publish(Body::Relay {
                namespace,
                selection,
                action,
            })
            .await;
        Ok(())
    }
}
