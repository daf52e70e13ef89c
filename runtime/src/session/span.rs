//! Spans of handlers and hooks, which add the socket to the log lines of an application.
//!
//! The spans have the level `debug`, because a span often costs a subscriber more than the handler itself. Their own
//! target makes it possible to enable them without this crate's other `debug` lines.

use std::sync::Arc;

use tracing::{Span, debug_span, level_filters::LevelFilter};

use crate::{contract::server_id::ServerId, upstream::RawSocket};

/// Target of the spans, for filters.
const TARGET: &str = "sio_types::span";

/// Returns `true` if a subscriber may want the spans. If not, they cost only this one load.
fn are_wanted() -> bool {
    LevelFilter::current() >= LevelFilter::DEBUG
}

/// Returns the span of a handler.
pub(crate) fn event(socket: &Arc<RawSocket>, event: &'static str) -> Option<Span> {
    are_wanted().then(|| {
        debug_span!(target: TARGET, "sio.event", namespace = socket.ns(), socket = %socket.id, event)
    })
}

/// Returns the span of another server's event.
pub(crate) fn server_event(
    namespace: &str,
    from: Option<ServerId>,
    event: &'static str,
) -> Option<Span> {
    // Node servers have no id.
    let from = from.as_ref().map(tracing::field::display);
    are_wanted().then(|| debug_span!(target: TARGET, "sio.server_event", namespace, from, event))
}

pub(crate) fn authenticate(socket: &Arc<RawSocket>) -> Span {
    debug_span!(target: TARGET, "sio.authenticate", namespace = socket.ns(), socket = %socket.id)
}

pub(crate) fn connected(socket: &Arc<RawSocket>) -> Span {
    debug_span!(target: TARGET, "sio.connected", namespace = socket.ns(), socket = %socket.id)
}

pub(crate) fn disconnected(socket: &Arc<RawSocket>) -> Span {
    debug_span!(target: TARGET, "sio.disconnected", namespace = socket.ns(), socket = %socket.id)
}
