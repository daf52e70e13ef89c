//! Disconnecting sockets on other servers.

use std::{collections::HashSet, time::Duration};

use bytes::Bytes;

use super::{
    Bus,
    envelope::{Body, Selection},
};
use crate::{
    cluster::event::Outcome,
    contract::{error::DisconnectError, server_id::ServerId},
    protocol::Sid,
    upstream::CoreAdapter,
    wire::acknowledgement::{Rejection, RejectionCode},
};

impl Bus {
    /// Disconnects sockets on the other servers, and waits until each server has done so.
    pub(crate) async fn disconnect(
        &self,
        namespace: String,
        selection: Selection,
        timeout: Option<Duration>,
    ) -> Result<(), DisconnectError> {
        self.settled().await;
        // A server that did not answer an earlier request may still have sockets.
        let servers = self.members.not_left();
        self.disconnect_on(servers, timeout, |request| Body::Disconnect {
            namespace,
            request,
            selection,
            socket: None,
        })
        .await
    }

    /// Disconnects one socket of another server.
    pub(crate) async fn disconnect_one(
        &self,
        server: ServerId,
        namespace: String,
        socket: Sid,
    ) -> Result<(), DisconnectError> {
        // A server disconnects all its sockets before it leaves.
        if self.members.has_left(server) {
            return Ok(());
        }
        self.disconnect_on([server].into(), None, |request| Body::Disconnect {
            namespace,
            request,
            selection: Selection::default(),
            socket: Some(socket),
        })
        .await
    }

    async fn disconnect_on(
        &self,
        servers: HashSet<ServerId>,
        timeout: Option<Duration>,
        body: impl FnOnce(u64) -> Body,
    ) -> Result<(), DisconnectError> {
        if !self.cluster.health().is_connected() {
            let servers = servers.into_iter().collect();
            return Err(DisconnectError::NoConnection { servers });
        }
        let gathered = self.ask_these(servers, timeout, body).await;
        self.forget(&gathered.missing);
        let answers = gathered.answers.into_iter();
        let failed = answers.filter(|(_, outcome)| !matches!(outcome, Outcome::Value(_)));
        let mut servers = gathered.missing;
        servers.extend(failed.map(|(server, _)| server));
        match servers.is_empty() {
            true => Ok(()),
            false => Err(DisconnectError::Unconfirmed { servers }),
        }
    }

    pub(super) fn disconnect_here(
        &self,
        namespace: &str,
        selection: &Selection,
        socket: Option<Sid>,
    ) -> Outcome {
        let endpoints = self.endpoints(namespace);
        for endpoint in &endpoints {
            endpoint.disconnect(namespace, selection, socket);
        }
        // A namespace that was created only through `raw` is not in `endpoints`.
        if endpoints.is_empty()
            && let Some(adapter) = self.cluster.namespaces.adapter(namespace)
            && let Err(errors) = adapter
                .get_local()
                .disconnect_socket(selection.options(socket))
        {
            return Outcome::Rejected(Rejection {
                code: RejectionCode::Refused,
                message: format!("failed to disconnect {} sockets", errors.len()),
            });
        }
        Outcome::Value(Bytes::new())
    }
}
