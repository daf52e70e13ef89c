//! Graceful shutdown.

use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, sleep, timeout_at};

use super::socket_io::SocketIo;
use crate::{
    connection::connection::connection_of,
    protocol::TransportType,
    support::in_flight::{Kind, Stage},
    upstream::{Adapter, SocketRef},
};

/// Maximum duration of [`SocketIo::close`].
const CLOSING: Duration = Duration::from_secs(5);

/// Interval between two checks for packets that wait to be sent.
const PAUSE: Duration = Duration::from_millis(10);

/// Time that polling clients have to fetch their waiting packets with their next request.
const FETCHING: Duration = Duration::from_millis(200);

/// Maximum of the shutdown limit; longer limits are reduced to it.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Outcome of a [graceful shutdown](SocketIo::shutdown).
///
/// ```
/// # use std::time::Duration;
/// # use sio_types::SocketIo;
/// # async fn stop(io: SocketIo) {
/// let outcome = io.shutdown(Duration::from_secs(10)).await;
/// if outcome.abandoned > 0 {
///     tracing::warn!(handlers = outcome.abandoned, "handlers did not end in time");
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Shutdown {
    /// Number of connections that the server closed.
    pub disconnected: usize,
    /// Number of handlers and `connected` hooks that ended while the server waited. Their acknowledgements were sent.
    pub finished: usize,
    /// Number of handlers and `connected` hooks that still ran at the deadline. They end with the program; clients that
    /// wait for their acknowledgements do not receive them.
    pub abandoned: usize,
    /// Number of `disconnected` hooks that still ran at the deadline.
    pub abandoned_hooks: usize,
}

/// Deadlines of the phases of a shutdown.
struct Deadlines {
    /// Deadline for handlers that run already; others may begin meanwhile.
    handlers: Instant,
    /// Deadline for all handlers.
    late_handlers: Instant,
    /// Deadline for the `disconnected` hooks and for packets that wait to be sent.
    hooks: Instant,
    /// Deadline for the whole shutdown.
    end: Instant,
}

impl Deadlines {
    fn within(limit: Duration) -> Self {
        let limit = limit.min(LONGEST);
        let last = (limit / 4).min(Duration::from_secs(1));
        let end = Instant::now() + limit;
        Self {
            handlers: end - 2 * last,
            late_handlers: end - last,
            hooks: end - last / 4,
            end,
        }
    }

    /// Returns deadlines that do not wait for handlers.
    fn at_once() -> Self {
        let now = Instant::now();
        Self {
            handlers: now,
            late_handlers: now,
            ..Self::within(CLOSING)
        }
    }
}

impl SocketIo {
    /// Shuts the server down gracefully within `limit`, even if handlers and hooks take longer. Node's counterpart is
    /// [`close`](https://socket.io/docs/v4/server-api/#serverclosecallback).
    ///
    /// 1. The server refuses new connections with status 503, and [`health`](Self::health) reports that it is draining.
    ///    Connected clients notice nothing: the server still handles and acknowledges their events.
    /// 2. Once the handlers that ran at the time of the call have ended, the server accepts no more events. It then
    ///    waits for the handlers that have started since.
    /// 3. The server sends the waiting packets and closes every connection. Official clients see [`transport
    ///    close`](https://socket.io/docs/v4/client-socket-instance/#disconnect) and reconnect automatically, to another
    ///    server behind the load balancer. (After a `disconnect` packet they would not.)
    /// 4. The `disconnected` hooks run, with [`ClosingServer`](crate::DisconnectReason::ClosingServer). The server
    ///    announces to the other servers that it leaves, and closes its connections to the cluster's engine.
    ///
    /// The server waits for pending acknowledgements as it does for handlers. It reserves one second of the limit, or a
    /// quarter of a short limit, for handlers that start late. It reserves the same time for the steps after. It
    /// abandons handlers that take longer: they run until the program ends. A client whose event was not acknowledged
    /// can tell: its `emitWithAck` promise is rejected, and with
    /// [`retries`](https://socket.io/docs/v4/client-options/#retries) it sends the event again.
    ///
    /// The server cannot be used afterwards. Dropping the future before it completes leaves the server draining;
    /// another call continues the shutdown.
    ///
    /// ```
    /// # async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    /// use std::{sync::Arc, time::Duration};
    ///
    /// let (layer, io) = sio_types::SocketIo::builder().build_layer();
    /// let app: axum::Router = axum::Router::new().layer(layer);
    /// let stopping = async move {
    ///     tokio::signal::ctrl_c().await.ok();
    ///     let outcome = io.shutdown(Duration::from_secs(10)).await;
    ///     println!("{} connections closed", outcome.disconnected);
    /// };
    /// axum::serve(listener, app).with_graceful_shutdown(stopping).await
    /// # }
    /// ```
    ///
    /// See also the guide to [graceful shutdown](crate::guide::observability#graceful-shutdown).
    pub async fn shutdown(&self, limit: Duration) -> Shutdown {
        self.end(Deadlines::within(limit)).await
    }

    /// Closes the server like [`shutdown`](Self::shutdown), but without waiting for handlers. It takes as long as the
    /// `disconnected` hooks, and 5 s at most.
    pub async fn close(&self) {
        self.end(Deadlines::at_once()).await;
    }

    async fn end(&self, deadlines: Deadlines) -> Shutdown {
        let in_flight = &self.namespaces.in_flight;
        if in_flight.advance(Stage::Draining) {
            tracing::info!(
                connections = in_flight.connections(),
                "server shutting down"
            );
        }
        let finished_before = in_flight.finished();
        let early = [Kind::Handler, Kind::Acknowledgement];
        let _ = timeout_at(deadlines.handlers, in_flight.done(&early)).await;
        in_flight.advance(Stage::Closing);
        let all = [Kind::Handler, Kind::LateHandler, Kind::Acknowledgement];
        let _ = timeout_at(deadlines.late_handlers, in_flight.done(&all)).await;
        let outcome = Shutdown {
            finished: in_flight.finished() - finished_before,
            abandoned: in_flight.count(&[Kind::Handler, Kind::LateHandler]),
            disconnected: in_flight.connections(),
            abandoned_hooks: 0,
        };

        self.end_connections(deadlines.hooks).await;
        let _ = timeout_at(deadlines.hooks, in_flight.done(&[Kind::Disconnect])).await;
        let abandoned_hooks = in_flight.count(&[Kind::Disconnect]);
        let bus = &self.namespaces.bus;
        let _ = timeout_at(deadlines.end, bus.leave()).await;
        let _ = timeout_at(deadlines.end, bus.cluster().end()).await;
        let outcome = Shutdown {
            abandoned_hooks,
            ..outcome
        };
        tracing::info!(?outcome, "server shut down");
        outcome
    }

    /// Sends the waiting packets, closes every connection and starts the `disconnected` hooks.
    async fn end_connections(&self, deadline: Instant) {
        // A client that does not read must not keep all hooks from running.
        let third = deadline.saturating_duration_since(Instant::now()) / 3;
        self.send_what_waits(deadline - 2 * third).await;
        self.namespaces.in_flight.advance(Stage::Closed);
        let sockets = self.all_sockets();
        let is_closed = timeout_at(deadline - third, self.raw().close())
            .await
            .is_ok();
        let left = || sockets.iter().filter(|socket| socket.connected());
        // A `disconnect` packet keeps a client from reconnecting, so it must not be the last packet that a client
        // reads.
        for socket in left().filter(|_| !is_closed) {
            if let Some(connection) = connection_of(socket) {
                connection.close();
            }
        }
        // socketioxide has already dropped its namespaces here and so notifies none of their sockets.
        self.namespaces.disconnect();
        // Sockets of namespaces that were created through `raw`.
        for socket in left() {
            let id = socket.id;
            if let Err(error) = socket.clone().disconnect() {
                tracing::debug!(socket = %id, %error, "failed to disconnect a socket");
            }
        }
    }

    /// Waits until the waiting packets fit into the send buffers, and gives polling clients time to fetch them.
    async fn send_what_waits(&self, until: Instant) {
        while self.namespaces.is_waiting() && Instant::now() < until {
            sleep(PAUSE).await;
        }
        let is_polling = |socket: &SocketRef<Adapter>| {
            connection_of(socket)
                .is_some_and(|connection| connection.transport() == TransportType::Polling)
        };
        if self.all_sockets().iter().any(is_polling) {
            let _ = timeout_at(until, sleep(FETCHING)).await;
        }
    }

    fn all_sockets(&self) -> Vec<SocketRef<Adapter>> {
        let namespaces = self.raw().nsps().into_iter();
        namespaces.flat_map(|it| it.sockets()).collect()
    }
}
