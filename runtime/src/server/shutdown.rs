//! How a server ends.

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

/// How long [`SocketIo::close`] may take.
const CLOSING: Duration = Duration::from_secs(5);

/// How often it is looked whether something still waits to be sent.
const PAUSE: Duration = Duration::from_millis(10);

/// How long clients that poll have to fetch what waits for them: what they do next is to ask for it.
const FETCHING: Duration = Duration::from_millis(200);

/// What stands for a limit that is none.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What came of a [`shutdown`](SocketIo::shutdown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Shutdown {
    /// The connections that it has ended.
    pub disconnected: usize,
    /// The handlers, and `connected` hooks, that it has waited for: they have ended, and their acknowledgements were
    /// sent.
    pub finished: usize,
    /// Those that still ran when their time was up. They end with the program; who waits for their
    /// acknowledgements does not get them.
    pub abandoned: usize,
    /// The same of `disconnected` hooks.
    pub abandoned_hooks: usize,
}

/// Until when what may take.
struct Deadlines {
    /// The handlers that run already; others begin meanwhile.
    handlers: Instant,
    /// All handlers.
    late_handlers: Instant,
    /// The `disconnected` hooks, and what waits to be sent.
    hooks: Instant,
    /// Everything.
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

    /// No handler is waited for.
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
    /// Ends the server without losing what it is at, and within a limit whatever handlers and hooks do.
    ///
    /// 1. New connections are refused, with status 503; [`health`](Self::health) says that the server is draining.
    ///    Clients that are connected notice nothing: their events are handled, and acknowledged.
    /// 2. When the handlers have ended that ran when this was called, no more events are taken. Those that have begun
    ///    since end, too.
    /// 3. What waits to be sent is sent, and every connection is ended. Official clients see
    ///    [`transport close`](https://socket.io/docs/v4/client-socket-instance/#disconnect) and connect again by
    ///    themselves, to another server behind the load balancer. (After a `disconnect` packet they would not.)
    /// 4. The `disconnected` hooks run, with [`ClosingServer`](crate::DisconnectReason::ClosingServer). The other
    ///    servers hear that this one is gone, and the connections to the cluster's engine are closed.
    ///
    /// Acknowledgements that the server waits for are waited for as handlers are. A second of the limit, or a quarter if
    /// it is short, is kept for handlers that begin late, and as much for the steps after. Handlers that take longer are
    /// abandoned: they go on until the program ends. A client whose event was not acknowledged hears that it was not: a
    /// promise of `emitWithAck` is rejected, and what is under
    /// [`retries`](https://socket.io/docs/v4/client-options/#retries) is sent again.
    ///
    /// The server is of no use afterwards. Dropped half way, this leaves it draining; called again, it goes on.
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
    ///     println!("{} clients go to other servers", outcome.disconnected);
    /// };
    /// axum::serve(listener, app).with_graceful_shutdown(stopping).await
    /// # }
    /// ```
    pub async fn shutdown(&self, limit: Duration) -> Shutdown {
        self.end(Deadlines::within(limit)).await
    }

    /// Ends the server at once: as [`shutdown`](Self::shutdown), without waiting for handlers. It takes what the
    /// `disconnected` hooks take, and 5 s at most.
    pub async fn close(&self) {
        self.end(Deadlines::at_once()).await;
    }

    async fn end(&self, deadlines: Deadlines) -> Shutdown {
        let in_flight = &self.namespaces.in_flight;
        if in_flight.advance(Stage::Draining) {
            tracing::info!(
                connections = in_flight.connections(),
                "the server is shutting down"
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
        tracing::info!(?outcome, "the server has shut down");
        outcome
    }

    /// Sends what waits to be sent, ends every connection, and starts the `disconnected` hooks.
    async fn end_connections(&self, deadline: Instant) {
        // A client that does not read is not to keep all hooks from running.
        let third = deadline.saturating_duration_since(Instant::now()) / 3;
        self.send_what_waits(deadline - 2 * third).await;
        self.namespaces.in_flight.advance(Stage::Closed);
        let sockets = self.all_sockets();
        let is_closed = timeout_at(deadline - third, self.raw().close())
            .await
            .is_ok();
        let left = || sockets.iter().filter(|socket| socket.connected());
        // A `disconnect` packet, which keeps a client from coming back, is not to be the last that it reads.
        for socket in left().filter(|_| !is_closed) {
            if let Some(connection) = connection_of(socket) {
                connection.close();
            }
        }
        // socketioxide has forgotten its namespaces by then, and so tells none of their sockets.
        self.namespaces.disconnect();
        // Those of namespaces that were made by `raw`.
        for socket in left() {
            let id = socket.id;
            if let Err(error) = socket.clone().disconnect() {
                tracing::debug!(socket = %id, %error, "a socket could not be disconnected");
            }
        }
    }

    /// Waits for room in the clients' send buffers, and for clients that poll.
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
