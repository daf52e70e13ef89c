//! Receives inter-server events, and requests of other servers for this server's sockets.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use super::remote;
use crate::{
    cluster::{
        bus::{
            Endpoint,
            envelope::{Action, Selection},
        },
        event::IncomingEvent,
        question::{ClientAnswers, Question},
    },
    connection::connection::in_progress::InProgress,
    contract::{
        error::EmitError,
        events::{Context, Dispatch},
        namespace::Namespace,
        path::{self, PathParameters},
        server_id::ServerId,
    },
    metrics::Traffic,
    protocol::Sid,
    session::{
        dispatch::{EventContext, received_event::ReceivedEvent, reply::Reply},
        lifecycle::Rejected,
        listeners::MiddlewareError,
        namespace_state::NamespaceState,
        socket::Socket,
        span,
    },
    support::{in_flight::InFlight, task::BoxFuture},
    wire::{arguments::Arguments, message::Message, raw::Raw},
};

/// Context of the [`InterServer`](Namespace::InterServer) handlers: this server as the receiver of an inter-server
/// event ([`serverSideEmit`](https://socket.io/docs/v4/server-api/#serverserversideemiteventname-args-ack)).
///
/// ```
/// use sio_types::{Peer, prelude::*};
///
/// #[events]
/// trait InterServer {
///     /// Returns the number of clients of a server.
///     fn count_clients() -> u32;
/// }
///
/// #[derive(Events)]
/// #[events(namespace = "/chat", inter_server = InterServer)]
/// struct Chat;
///
/// struct ChatServer;
///
/// impl InterServer<Peer<Chat>> for ChatServer {
///     async fn count_clients(&self, peer: Peer<Chat>) -> u32 {
///         peer.sockets().len() as u32
///     }
/// }
/// ```
///
/// [`Servers`](crate::Servers) sends such events. See also the guide to
/// [inter-server events](crate::guide::inter_server_events).
pub struct Peer<N: Namespace> {
    from: Option<ServerId>,
    namespace: Arc<N>,
    path: String,
    shared: Arc<NamespaceState<N>>,
}

impl<N: Namespace> Peer<N> {
    /// Returns the server that sent the event. Returns `None` if a Node.js server sent it
    /// ([`node_interop`](crate::Cluster::node_interop)), because those servers have no id.
    pub fn from(&self) -> Option<ServerId> {
        self.from
    }

    /// Returns the namespace that the event was sent to, with the parameters of its path.
    pub fn namespace(&self) -> &N {
        &self.namespace
    }

    /// Returns the sockets of the namespace that are connected to this server. Every other server receives the event
    /// too, with its own sockets.
    pub fn sockets(&self) -> Vec<Socket<N>> {
        let mut sockets = self.shared.sockets();
        sockets.retain(|socket| socket.raw.ns() == self.path);
        sockets
    }
}

impl<N: Namespace> Clone for Peer<N> {
    fn clone(&self) -> Self {
        Self {
            from: self.from,
            namespace: self.namespace.clone(),
            path: self.path.clone(),
            shared: self.shared.clone(),
        }
    }
}

impl<N: Namespace> fmt::Debug for Peer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl<N: Namespace> Context for Peer<N> {}

impl<N: Namespace> EventContext for Peer<N> {
    fn rejected(&self, rejected: Rejected) {
        self.shared.count_rejected();
        let traffic = &self.shared.server_traffic;
        traffic.refused(&rejected.event, rejected.code);
        tracing::warn!(
            namespace = N::PATTERN,
            from = ?self.from,
            event = rejected.event,
            code = ?rejected.code,
            detail = rejected.detail,
            "inter-server event rejected"
        );
    }

    fn middleware(&self, _: &Message) -> Option<BoxFuture<Result<(), MiddlewareError>>> {
        None
    }

    // Other servers receive the details of every rejection.
    fn development(&self) -> bool {
        true
    }

    // Clients do not send inter-server events, so there is no client to acknowledge.
    fn acknowledge(&self, _: i64, _: &dyn Arguments) -> Result<(), EmitError> {
        Ok(())
    }

    fn meter(&self) -> &Arc<Traffic> {
        &self.shared.server_traffic
    }

    fn in_flight(&self) -> &Arc<InFlight> {
        &self.shared.in_flight
    }

    /// Returns `None`: inter-server events are not limited.
    fn begin_event(&self) -> Option<InProgress> {
        None
    }

    fn span(&self, event: &'static str) -> Option<tracing::Span> {
        span::server_event(&self.path, self.from, event)
    }

    fn is_disconnected(&self) -> bool {
        false
    }
}

/// Endpoint of a mounted namespace on the bus.
///
/// It holds the sockets but not the server, which would create a reference cycle.
pub(crate) struct PeerEndpoint<N: Namespace, H> {
    pub(crate) handler: Arc<H>,
    pub(crate) shared: Arc<NamespaceState<N>>,
}

impl<N: Namespace, H> PeerEndpoint<N, H> {
    fn selected(&self, namespace: &str, selection: &Selection) -> Vec<Socket<N>> {
        let is_all = namespace == N::PATTERN && path::is_dynamic(N::PATTERN);
        let mut sockets = self.shared.sockets();
        sockets.retain(|socket| {
            (is_all || socket.raw.ns() == namespace) && selection.contains(&socket.rooms())
        });
        sockets
    }
}

impl<N, H> Endpoint for PeerEndpoint<N, H>
where
    N: Namespace<InterServer: Dispatch<H, Peer<N>>>,
    H: Send + Sync + 'static,
{
    fn pattern(&self) -> &'static str {
        N::PATTERN
    }

    fn event(&self, event: IncomingEvent) {
        let IncomingEvent {
            namespace: path,
            from,
            message,
            reply,
        } = event;
        let parameters = PathParameters::new(N::PATTERN, &path);
        let Ok(namespace) = N::from_parameters(&parameters) else {
            tracing::warn!(namespace = path, "inter-server event dropped: invalid path");
            return;
        };
        let peer = Peer {
            from,
            namespace: Arc::new(namespace),
            path,
            shared: self.shared.clone(),
        };
        let reply = reply.map_or(Reply::None, Reply::Server);
        N::InterServer::dispatch(&self.handler, ReceivedEvent::new(peer, message, reply));
    }

    fn find(&self, namespace: &str, selection: &Selection) -> Vec<Bytes> {
        let sockets = self.selected(namespace, selection);
        sockets.iter().filter_map(remote::describe).collect()
    }

    fn count(&self, namespace: &str, selection: &Selection) -> usize {
        self.selected(namespace, selection).len()
    }

    fn ask(&self, question: &Question) -> ClientAnswers {
        let sockets = self.selected(&question.namespace, &question.selection);
        question.ask(sockets.into_iter().map(|socket| socket.raw).collect())
    }

    fn disconnect(&self, namespace: &str, selection: &Selection, socket: Option<Sid>) {
        let mut sockets = self.selected(namespace, selection);
        sockets.retain(|it| socket.is_none_or(|id| it.id() == id));
        for socket in sockets {
            socket.disconnect();
        }
    }

    fn relay(&self, namespace: &str, selection: &Selection, action: Action) {
        for socket in self.selected(namespace, selection) {
            if let Err(error) = apply(&socket, &action) {
                tracing::debug!(socket = %socket.id(), %error, "failed to apply a request of another server");
            }
        }
    }
}

fn apply<N: Namespace>(socket: &Socket<N>, action: &Action) -> Result<(), EmitError> {
    match action {
        Action::Emit {
            event,
            arguments,
            is_volatile,
        } => {
            let arguments = Raw(arguments.clone());
            if *is_volatile {
                socket.raw.volatile().emit(event, &arguments)?;
            } else {
                socket.raw.emit(event, &arguments)?;
            }
            Ok(())
        }
        Action::Join(rooms) => {
            socket.join(rooms.clone());
            Ok(())
        }
        Action::Leave(rooms) => {
            socket.leave(rooms.clone());
            Ok(())
        }
    }
}
