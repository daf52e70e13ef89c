//! How a client gets out of a namespace.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Waker},
};

use socketioxide::handler::DisconnectHandler;
use tracing::Instrument;

use super::{Stay, link_of, spawn};
use crate::{
    cluster::{Adapter, RawSocket},
    dispatch::Typed,
    lifecycle::{DisconnectReason, Lifecycle},
    limits::line,
    listeners::BoxFuture,
    namespace::Namespace,
    panic::catch_panic_async,
    shutdown::Kind,
    socket::{Socket, State},
    span,
};

/// Tells the handler that a socket is gone.
pub(super) struct Disconnect<N: Namespace, H> {
    pub(super) handler: Arc<H>,
    pub(super) state: Arc<State<N>>,
    pub(super) stay: Mutex<Option<Stay>>,
}

impl<N: Namespace, H: Lifecycle<N>> DisconnectHandler<Adapter, Typed> for Disconnect<N, H> {
    fn call_with_defer(
        &self,
        raw: Arc<RawSocket>,
        reason: DisconnectReason,
        remove: fn(Arc<RawSocket>),
    ) {
        let handler = self.handler.clone();
        let state = self.state.clone();
        state.keep_rooms(&raw);
        state.expiry.end();
        state.closed.set();
        let is_server = reason == DisconnectReason::ServerNSDisconnect;
        let reason = match is_server && state.shared.work.is_closed() {
            true => DisconnectReason::ClosingServer,
            false => reason,
        };
        let link = link_of(&raw);
        // Of an end that the engine was made to believe in, it does not know the reason.
        let reason = match link.and_then(|link| link.end_reason()) {
            Some(cause) if is_connection_gone(reason) => cause,
            _ => reason,
        };
        state.shared.gone(&state.presence, reason_name(reason));
        if let Some(link) = link {
            link.remove(raw.ns());
            if is_connection_gone(reason) {
                link.end(reason_name(reason));
            }
        }
        let stay = self
            .stay
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // The client may go to another namespace at once; a child stays until the hook has run.
        let (place, visit) = stay.map_or((None, None), |stay| (stay.place, stay.visit));
        drop(place);
        let farewells = &state.shared.farewells;
        let farewell = farewells.begin(raw.id, raw.ns());
        // Now, and not after the hook: as long as it is there, socketioxide ignores that the client connects again.
        remove(raw.clone());
        let shared = state.shared.clone();
        let goodbye = shared.work.begin(Kind::Goodbye);
        let socket = Socket { raw, state };
        let mut leaving: BoxFuture<()> = Box::pin(async move {
            // A `connected` hook that takes its time comes first.
            socket.state.gate.opened.wait().await;
            let (span, id) = (span::disconnected(&socket.raw), socket.id());
            let hook = async { handler.disconnected(socket, reason).await };
            if let Err(panic) = catch_panic_async(hook.instrument(span)).await {
                line!(shared.lines.next(), error, { namespace = N::PATTERN, socket = %id, panic }, "the `disconnected` hook panicked");
            }
            drop(farewell);
            drop(visit);
            drop(goodbye);
        });
        // It starts at once where it can. When the server disconnects it, the hook may want locks that its caller holds.
        let mut context = Context::from_waker(Waker::noop());
        if is_server || leaving.as_mut().poll(&mut context).is_pending() {
            spawn(leaving);
        }
    }
}

/// What a reason is called in metrics.
fn reason_name(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::TransportClose => "transport_close",
        DisconnectReason::MultipleHttpPollingError => "multiple_polling",
        DisconnectReason::PacketParsingError => "invalid_packet",
        DisconnectReason::TransportError => "transport_error",
        DisconnectReason::HeartbeatTimeout => "heartbeat_timeout",
        DisconnectReason::ClientNSDisconnect => "client_disconnect",
        DisconnectReason::ServerNSDisconnect => "server_disconnect",
        DisconnectReason::ClosingServer => "closing_server",
    }
}

/// Whether it is not only a namespace that a client has left.
fn is_connection_gone(reason: DisconnectReason) -> bool {
    !matches!(
        reason,
        DisconnectReason::ClientNSDisconnect | DisconnectReason::ServerNSDisconnect
    )
}
