//! Handling of messages from other servers.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;

use super::{
    Bus, Endpoint,
    envelope::{Body, Envelope, Selection, VERSION},
    reply::ServerReply,
    requests::RequestUpdate,
};
use crate::{
    cluster::event::{EventReply, EventSink, IncomingEvent, Outcome},
    contract::{path, server_id::ServerId},
    metrics,
    wire::{
        acknowledgement::{Rejection, RejectionCode},
        message::Message,
    },
};

impl Bus {
    pub(super) fn handle(self: &Arc<Self>, message: &[u8]) {
        let envelope: Envelope = match rmp_serde::from_slice(message) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::warn!(%error, "failed to decode a message from another server");
                return;
            }
        };
        let Envelope {
            version,
            from,
            is_server,
            body,
        } = envelope;
        if version != VERSION {
            return;
        }
        if from == self.node {
            return self.lag_probe.received(&body);
        }
        metrics::bus_received();
        if matches!(body, Body::Bye) {
            return self.remove_server(from);
        }
        if is_server {
            self.members.note_message(from);
        }
        match body {
            Body::Answer { request, outcome } => {
                if let Some(request) = self.requests().get(&request) {
                    // The caller may have stopped waiting.
                    let _ = request.send(RequestUpdate::Answered(from, outcome));
                }
            }
            // An observer handles only answers.
            _ if !self.is_server => {}
            Body::Hello => self.send_soon(from, Body::Alive),
            Body::Alive | Body::Bye => {}
            Body::Event {
                namespace,
                request,
                message,
            } => {
                let reply = request
                    .map(|request| Arc::new(self.reply(from, request)) as Arc<dyn EventReply>);
                let Some(message) = Message::from_message_pack(message) else {
                    tracing::warn!(namespace, %from, "failed to decode an inter-server event");
                    return;
                };
                self.event(IncomingEvent {
                    namespace,
                    from: Some(from),
                    message,
                    reply,
                });
            }
            Body::Find {
                namespace,
                request,
                selection,
                count,
            } => {
                let found = self.find(&namespace, &selection, count);
                self.reply(from, request).send(Outcome::Value(found));
            }
            Body::Ask { request, question } => {
                let reply = self.reply(from, request);
                let endpoints = self.endpoints(&question.namespace);
                let asked: Vec<_> = endpoints.iter().map(|it| it.ask(&question)).collect();
                tokio::spawn(async move {
                    let answers = join_all(asked).await.concat();
                    let answers = rmp_serde::to_vec(&answers).unwrap_or_default();
                    reply.send(Outcome::Value(answers.into()));
                });
            }
            Body::Disconnect {
                namespace,
                request,
                selection,
                socket,
            } => {
                let outcome = self.disconnect_here(&namespace, &selection, socket);
                self.reply(from, request).send(outcome);
            }
            Body::Relay {
                namespace,
                selection,
                action,
            } => {
                for endpoint in self.endpoints(&namespace) {
                    endpoint.relay(&namespace, &selection, action.clone());
                }
            }
        }
    }

    /// Removes a server that has left, and ends the requests that wait for it.
    fn remove_server(&self, node: ServerId) {
        self.members.left(node);
        for request in self.requests().values() {
            let _ = request.send(RequestUpdate::ServerLeft(node));
        }
    }

    fn find(&self, namespace: &str, selection: &Selection, count: bool) -> Bytes {
        let endpoints = self.endpoints(namespace);
        let found = if count {
            let counts = endpoints.iter().map(|it| it.count(namespace, selection));
            rmp_serde::to_vec(&counts.sum::<usize>())
        } else {
            let found: Vec<_> = endpoints
                .iter()
                .flat_map(|it| it.find(namespace, selection))
                .collect();
            rmp_serde::to_vec(&found)
        };
        found.unwrap_or_default().into()
    }

    /// Returns the mounted namespaces that match a path, or the pattern of a dynamic namespace.
    pub(super) fn endpoints(&self, namespace: &str) -> Vec<Arc<dyn Endpoint>> {
        let endpoints = self
            .endpoints
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let is_meant = |endpoint: &&Arc<dyn Endpoint>| {
            endpoint.pattern() == namespace || path::matches(endpoint.pattern(), namespace)
        };
        endpoints.iter().filter(is_meant).cloned().collect()
    }

    fn reply(self: &Arc<Self>, to: ServerId, request: u64) -> ServerReply {
        let bus = Arc::downgrade(self);
        ServerReply { bus, to, request }
    }

    pub(super) fn send_soon(self: &Arc<Self>, to: ServerId, body: Body) {
        let bus = self.clone();
        tokio::spawn(async move { bus.send(bus.channel(Some(to)), &body).await });
    }
}

impl EventSink for Bus {
    fn event(&self, event: IncomingEvent) {
        match self.endpoints(&event.namespace).first() {
            Some(endpoint) => endpoint.event(event),
            None => {
                tracing::warn!(
                    namespace = event.namespace,
                    "inter-server event dropped: unknown namespace"
                );
                if let Some(reply) = event.reply {
                    reply.send(Outcome::Rejected(Rejection {
                        code: RejectionCode::UnknownEvent,
                        message: "the server does not have this namespace".to_owned(),
                    }));
                }
            }
        }
    }
}
