//! The spans that handlers and hooks run in, so that what an application logs in them says for whom it was done.
//!
//! They are of level debug, for each costs a subscriber more than many a handler does, and have a target of their own, by
//! which they can be had without this crate's other lines of that level.

use std::sync::Arc;

use tracing::{Span, debug_span, level_filters::LevelFilter};

use crate::{contract::server_id::ServerId, upstream::RawSocket};

/// What filters call them.
const TARGET: &str = "sio_types::span";

/// `true` if anybody may want them: one load, and nothing else is done where nobody does.
fn are_wanted() -> bool {
    LevelFilter::current() >= LevelFilter::DEBUG
}

/// That of a handler.
pub(crate) fn event(socket: &Arc<RawSocket>, event: &'static str) -> Option<Span> {
    are_wanted().then(|| {
        debug_span!(target: TARGET, "sio.event", namespace = socket.ns(), socket = %socket.id, event)
    })
}

/// That of another server's event.
pub(crate) fn server_event(
    namespace: &str,
    from: Option<ServerId>,
    event: &'static str,
) -> Option<Span> {
    // Node's servers have no ids.
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
