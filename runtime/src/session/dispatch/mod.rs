//! Dispatch of received messages to handler methods.
//!
//! socketioxide spawns a task for every message, and so loses their order. Here, the task that reads the connection
//! polls the handler's future in place. A future that is not ready becomes a task of its own. The handlers of one socket
//! therefore start in the order of its messages, and a handler that does not wait costs no task.

pub(crate) mod inline_task;
pub(crate) mod receive;
pub(crate) mod received_event;
pub(crate) mod reply;
pub(crate) mod running;

use std::sync::Arc;

use super::{lifecycle::Rejected, listeners::MiddlewareError};
use crate::{
    connection::connection::in_progress::InProgress,
    contract::{error::EmitError, events::Context},
    metrics::Traffic,
    support::{in_flight::InFlight, task::BoxFuture},
    wire::{arguments::Arguments, message::Message},
};

/// Context of a handler, besides the arguments: [`Socket`] or [`Peer`](crate::Peer).
pub(crate) trait EventContext: Context {
    /// Logs, counts and reports an event that was not handled.
    fn rejected(&self, rejected: Rejected);
    /// Returns the middleware that runs before the handler.
    fn middleware(&self, message: &Message) -> Option<BoxFuture<Result<(), MiddlewareError>>>;
    /// Returns `true` if clients receive the details of a rejection.
    fn development(&self) -> bool;
    /// Sends the acknowledgement with this id to the client that has asked for it.
    fn acknowledge(&self, id: i64, arguments: &dyn Arguments) -> Result<(), EmitError>;
    /// Returns the counters of its events.
    fn meter(&self) -> &Arc<Traffic>;
    /// Returns the server's work in flight.
    fn in_flight(&self) -> &Arc<InFlight>;
    /// Counts an event in progress until the returned guard is dropped.
    fn begin_event(&self) -> Option<InProgress>;
    /// Returns the span of a handler, if a subscriber wants it.
    fn span(&self, event: &'static str) -> Option<tracing::Span>;
    /// Returns `true` if the server has disconnected the sender, so that no more of its events are handled.
    fn is_disconnected(&self) -> bool;
}
