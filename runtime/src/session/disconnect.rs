//! Disconnection from a namespace.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    task::{Context, Waker},
};

use tracing::Instrument;

use super::{
    dispatch::receive::Typed,
    lifecycle::DisconnectReason,
    socket::{Socket, State},
    span,
};
use crate::{
    connection::connection::connection_of,
    contract::namespace::Namespace,
    support::{
        in_flight::Kind,
        log_limiter::log_limited,
        panic::catch_panic_async,
        task::{BoxFuture, spawn},
    },
    upstream::{Adapter, DisconnectHandler, RawSocket, SocketError, SocketRef},
};

/// Disconnects a socket, even if its send buffer has no room for the packet.
pub(crate) fn disconnect<N: Namespace>(socket: &Socket<N>) {
    let Socket { raw, state } = socket;
    // Otherwise, the engine would disconnect a client that has reconnected with the same id.
    if !raw.connected() || state.is_disconnected.swap(true, Ordering::AcqRel) {
        return;
    }
    if disconnect_raw(&socket.raw()) {
        return;
    }
    // The engine calls the handler below only when the connection has ended. The hook and the rooms do not wait for
    // that.
    leave(
        socket.clone(),
        DisconnectReason::ServerNSDisconnect,
        |raw| {
            raw.leave_all();
        },
    );
}

/// Sends the `disconnect` packet, or closes the connection if there is no room for it. Returns `true` if the engine has
/// removed the socket.
pub(crate) fn disconnect_raw(raw: &SocketRef<Adapter>) -> bool {
    // The engine has also removed a socket whose connection is closed.
    let is_full = matches!(
        raw.clone().disconnect(),
        Err(SocketError::InternalChannelFull)
    );
    if is_full {
        tracing::debug!(
            namespace = raw.ns(),
            socket = %raw.id,
            "connection closed: no space for the `disconnect` packet in the send buffer"
        );
        if let Some(connection) = connection_of(raw) {
            connection.close();
        }
    }
    !is_full
}

/// Disconnect handler of one socket.
pub(crate) struct Disconnect<N: Namespace>(pub(crate) Arc<State<N>>);

impl<N: Namespace> DisconnectHandler<Adapter, Typed> for Disconnect<N> {
    fn call_with_defer(
        &self,
        raw: Arc<RawSocket>,
        reason: DisconnectReason,
        remove: fn(Arc<RawSocket>),
    ) {
        let state = self.0.clone();
        let mut reason = reason;
        if is_connection_gone(reason) {
            // The engine does not know the reason if this crate ended the connection for it.
            reason = state.connection.end_reason().unwrap_or(reason);
            state.connection.end(reason_name(reason));
        }
        // If the server has disconnected the socket, the connection may end before the packet is sent.
        let reason = match state.is_disconnected() {
            true => DisconnectReason::ServerNSDisconnect,
            false => reason,
        };
        leave(Socket { raw, state }, reason, remove);
    }
}

/// Removes a socket from its namespace with `remove`, and starts the `disconnected` hook unless it has been started.
fn leave<N: Namespace>(
    socket: Socket<N>,
    reason: DisconnectReason,
    remove: impl FnOnce(Arc<RawSocket>),
) {
    let Socket { raw, state } = &socket;
    if state.has_left.swap(true, Ordering::AcqRel) {
        return remove(raw.clone());
    }
    state.keep_rooms(raw);
    state.expiry.end();
    state.closed.set();
    let is_server = reason == DisconnectReason::ServerNSDisconnect;
    let reason = match is_server && state.shared.in_flight.is_closed() {
        true => DisconnectReason::ClosingServer,
        false => reason,
    };
    state
        .shared
        .dec_sockets(&state.count_state, reason_name(reason));
    state.connection.remove(raw.ns());
    if reason == DisconnectReason::ClosingServer {
        state.connection.end(reason_name(reason));
    }
    let guards = state
        .guards
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    // The client may join another namespace immediately; a child stays until the hook has run.
    let lease = guards.and_then(|guards| guards.release_permit());
    let pending_disconnects = &state.shared.pending_disconnects;
    let pending_disconnect = pending_disconnects.begin(raw.id, raw.ns());
    // Remove the socket before the hook runs: while it exists, socketioxide ignores a new CONNECT packet of the client.
    remove(raw.clone());
    if state.progress.leave_early() {
        // Neither hook runs, so there is no `connected` hook to wait for.
        return state.pending_events.discard();
    }
    let shared = state.shared.clone();
    let guard = shared.in_flight.begin(Kind::Disconnect);
    let mut leaving: BoxFuture<()> = Box::pin(async move {
        // Wait for a slow `connected` hook first.
        socket.state.pending_events.opened.wait().await;
        let (span, id) = (span::disconnected(&socket.raw), socket.id());
        let hook = async { shared.disconnected(socket, reason).await };
        if let Err(panic) = catch_panic_async(hook.instrument(span)).await {
            log_limited!(shared.log_limiter.next(), error, { namespace = N::PATTERN, socket = %id, panic }, "`disconnected` hook panicked");
        }
        drop(pending_disconnect);
        drop(lease);
        drop(guard);
    });
    // The hook starts in place if possible. If the server disconnects the socket, the hook runs in a task, because it
    // may need locks that the caller holds.
    let mut context = Context::from_waker(Waker::noop());
    if is_server || leaving.as_mut().poll(&mut context).is_pending() {
        spawn(leaving);
    }
}

/// Returns the name of a reason in metrics.
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

/// Returns `true` if the whole connection has ended, and the client has not only left one namespace.
fn is_connection_gone(reason: DisconnectReason) -> bool {
    !matches!(
        reason,
        DisconnectReason::ClientNSDisconnect | DisconnectReason::ServerNSDisconnect
    )
}
