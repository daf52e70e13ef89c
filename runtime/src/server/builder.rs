//! The server's builder.

use std::{borrow::Cow, sync::Arc, time::Duration};

use crate::{
    cluster::{Cluster, bus::Bus, state::ClusterState},
    config::{limits::Limits, overflow_policy::OverflowPolicy, parser::Parser},
    connection::slow_clients::SlowClients,
    http::{
        admission::Admission,
        layer::{SocketIoLayer, SocketIoService},
        origins::Origins,
    },
    protocol::TransportType,
    server::socket_io::SocketIo,
    session::{fingerprints::Fingerprints, namespace_state::NamespaceRegistry},
    support::in_flight::InFlight,
    upstream::{self, Adapter, NotFoundService, RawIo, SocketIoBuilder, limits::with_limits},
};

/// Builder for a [`SocketIo`] server: the counterpart of Node's
/// [server options](https://socket.io/docs/v4/server-options/).
///
/// ```
/// use std::time::Duration;
///
/// use sio_types::{Limits, Origins, OverflowPolicy, SocketIo};
///
/// # fn main() -> Result<(), sio_types::OriginError> {
/// let (layer, io) = SocketIo::builder()
///     .origins(Origins::list(["https://app.example.com"])?)
///     .limits(Limits::default().max_payload(64 * 1024))
///     .overflow_policy(OverflowPolicy::Disconnect)
///     .ack_timeout(Duration::from_secs(10))
///     .build_layer();
/// # Ok(())
/// # }
/// ```
///
/// Each method documents its default. Options that only [`raw`](Self::raw) can set have the defaults of
/// [socketioxide](https://docs.rs/socketioxide/latest/socketioxide/struct.SocketIoBuilder.html), except that
/// `ws_read_buffer_size` is 256 bytes.
///
/// See also the guide to [production servers](crate::guide::production).
#[must_use = "a builder creates no server until one of its `build_…` methods is called"]
pub struct Builder {
    raw: SocketIoBuilder<Adapter>,
    cluster: Arc<ClusterState>,
    parser: Parser,
    transports: Vec<TransportType>,
    max_buffer_size: usize,
    limits: Limits,
    overflow_policy: OverflowPolicy,
    origins: Origins,
    development: bool,
    fingerprints: Fingerprints,
}

/// Size of each WebSocket's read buffer, in bytes. It is filled from a buffer that all connections share, so a larger
/// one would save nothing.
const READ_BUFFER: usize = 256;

/// Send buffer of a connection, in packets: enough for one burst of a handler.
const SEND_BUFFER: usize = 1024;

impl Default for Builder {
    fn default() -> Self {
        let cluster = ClusterState::standalone();
        Self {
            raw: upstream::builder()
                .with_adapter(cluster.namespaces.clone())
                .ws_read_buffer_size(READ_BUFFER)
                .max_buffer_size(SEND_BUFFER),
            cluster,
            parser: Parser::default(),
            transports: vec![TransportType::Polling, TransportType::Websocket],
            max_buffer_size: SEND_BUFFER,
            limits: Limits::default(),
            overflow_policy: OverflowPolicy::default(),
            origins: Origins::same(),
            development: false,
            fingerprints: Fingerprints::ignore(),
        }
    }
}

impl Builder {
    fn map(self, set: impl FnOnce(SocketIoBuilder<Adapter>) -> SocketIoBuilder<Adapter>) -> Self {
        Self {
            raw: set(self.raw),
            ..self
        }
    }

    /// Sets the cluster that the server joins. Defaults to [`Cluster::memory`], a cluster of one server.
    ///
    /// A cluster that is not connected yet starts to connect here. The server works alone until it is connected.
    ///
    /// # Panics
    ///
    /// Panics if the cluster has an engine, is not [connected](Cluster::connect) yet, and the call is made outside of a
    /// tokio runtime.
    pub fn cluster(self, cluster: Cluster) -> Self {
        let cluster = cluster.start();
        Self {
            raw: self.raw.with_adapter(cluster.namespaces.clone()),
            cluster,
            ..self
        }
    }

    /// Sets the packet encoding; [`Parser::Common`] by default.
    pub fn parser(self, parser: Parser) -> Self {
        Self { parser, ..self }
    }

    /// Sets the limits on what clients may send and hold open; [`Limits::default`] by default.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the origins whose pages may connect; [`Origins::same`] by default.
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// Enables development mode if `true`; off by default.
    ///
    /// In development mode, the server sends clients the exact reason for rejecting a payload, which reveals server
    /// internals. The log contains the reasons in either mode. Development mode also allows pages of
    /// [`Origins::local`], such as those of Vite's server.
    pub fn development(self, development: bool) -> Self {
        Self {
            development,
            ..self
        }
    }

    /// Sets the policy for clients generated from other events than the server's; [`Fingerprints::ignore`] by default.
    pub fn fingerprints(self, fingerprints: Fingerprints) -> Self {
        Self {
            fingerprints,
            ..self
        }
    }

    /// Sets the [path](https://socket.io/docs/v4/server-options/#path) of Socket.IO requests; `/socket.io` by default.
    pub fn req_path(self, path: impl Into<Cow<'static, str>>) -> Self {
        self.map(|raw| raw.req_path(path))
    }

    /// Sets the [time between two heartbeats](https://socket.io/docs/v4/server-options/#pinginterval); 25 s by default.
    pub fn ping_interval(self, interval: Duration) -> Self {
        self.map(|raw| raw.ping_interval(interval))
    }

    /// Sets how long a client may take to [answer a heartbeat](https://socket.io/docs/v4/server-options/#pingtimeout);
    /// 20 s by default. The server closes the connection of a client that takes longer; the client reconnects.
    pub fn ping_timeout(self, timeout: Duration) -> Self {
        self.map(|raw| raw.ping_timeout(timeout))
    }

    /// Sets the number of packets that may wait to be sent over one connection; 1,024 by default. They take memory only
    /// while they wait.
    ///
    /// [`Limits::backlog`] limits each connection's unsent data as well. Under [`OverflowPolicy::Wait`], `packets`
    /// limits only the packets inside the engine, such as broadcasts to a client that has reached the backlog limit.
    /// The server disconnects a client for which this many packets wait there when a heartbeat is due.
    pub fn max_buffer_size(self, packets: usize) -> Self {
        let this = self.map(|raw| raw.max_buffer_size(packets));
        Self {
            max_buffer_size: packets,
            ..this
        }
    }

    /// Sets the policy for events to a socket whose send queue is full; [`OverflowPolicy::Wait`] by default.
    pub fn overflow_policy(self, overflow_policy: OverflowPolicy) -> Self {
        Self {
            overflow_policy,
            ..self
        }
    }

    /// Sets how long to wait for the acknowledgement of a client; 5 s by default. [`Socket::timeout`] and
    /// [`Broadcast::timeout`] set it for one event.
    ///
    /// [`Socket::timeout`]: crate::Socket::timeout
    /// [`Broadcast::timeout`]: crate::Broadcast::timeout
    pub fn ack_timeout(self, timeout: Duration) -> Self {
        self.map(|raw| raw.ack_timeout(timeout))
    }

    /// Sets how long a client may be connected [without joining a
    /// namespace](https://socket.io/docs/v4/server-options/#connecttimeout); 45 s by default. The server closes the
    /// connection of a client that takes longer.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.map(|raw| raw.connect_timeout(timeout))
    }

    /// Sets the [transports](https://socket.io/docs/v4/server-options/#transports) that the server offers; polling and
    /// WebSocket by default.
    ///
    /// ```
    /// use sio_types::{SocketIo, TransportType};
    ///
    /// let builder = SocketIo::builder().transports([TransportType::Websocket]);
    /// ```
    pub fn transports<const COUNT: usize>(self, transports: [TransportType; COUNT]) -> Self {
        Self {
            transports: transports.to_vec(),
            ..self
        }
    }

    /// Configures socketioxide's own builder, for options that this builder does not wrap. The parser, the
    /// [`limits`](Self::limits) and the [`transports`](Self::transports) of this builder take precedence.
    ///
    /// ```
    /// use sio_types::SocketIo;
    ///
    /// let builder = SocketIo::builder().raw(|raw| raw.ws_read_buffer_size(4096));
    /// ```
    pub fn raw(
        self,
        set: impl FnOnce(SocketIoBuilder<Adapter>) -> SocketIoBuilder<Adapter>,
    ) -> Self {
        self.map(set)
    }

    /// Builds the server as a tower layer, for `axum::Router::layer` and similar methods. The layer handles requests to
    /// Socket.IO's path and passes all others to the inner service.
    ///
    /// ```
    /// use sio_types::SocketIo;
    ///
    /// let (layer, io) = SocketIo::builder().build_layer();
    /// let app: axum::Router = axum::Router::new().layer(layer);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the [`cluster`](Self::cluster) has an engine and the call is made outside of a tokio runtime.
    pub fn build_layer(self) -> (SocketIoLayer, SocketIo) {
        let (raw, settings) = self.split();
        let (layer, io) = raw.build_layer();
        (
            SocketIoLayer::new(&layer, settings.admission(&io)),
            settings.server(io),
        )
    }

    /// Builds the server as a standalone tower and hyper service, which answers all other requests with 404.
    ///
    /// ```
    /// use sio_types::SocketIo;
    ///
    /// let (service, io) = SocketIo::builder().build_service();
    /// let app: axum::Router = axum::Router::new().fallback_service(service);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the [`cluster`](Self::cluster) has an engine and the call is made outside of a tokio runtime.
    pub fn build_service(self) -> (SocketIoService<NotFoundService>, SocketIo) {
        let (raw, settings) = self.split();
        let (service, io) = raw.build_svc();
        (
            SocketIoService::new(service, settings.admission(&io), NotFoundService),
            settings.server(io),
        )
    }

    /// Builds the server as a tower and hyper service around another one, which handles all other requests.
    ///
    /// # Panics
    ///
    /// Panics if the [`cluster`](Self::cluster) has an engine and the call is made outside of a tokio runtime.
    pub fn build_with_inner_service<S>(self, inner: S) -> (SocketIoService<S>, SocketIo) {
        let (raw, settings) = self.split();
        let (service, io) = raw.build_svc();
        (
            SocketIoService::new(service, settings.admission(&io), inner),
            settings.server(io),
        )
    }

    fn split(self) -> (SocketIoBuilder<Adapter>, Settings) {
        // The engine sees every connection as a WebSocket.
        let raw = self.raw.transports([TransportType::Websocket]);
        let raw = with_limits(raw, &self.limits, self.parser);
        let origins = match self.development {
            true => self.origins.or(Origins::local()),
            false => self.origins,
        };
        let settings = Settings {
            origins,
            cluster: self.cluster,
            limits: Arc::new(self.limits),
            transports: self.transports,
            in_flight: Arc::default(),
            slow_clients: Arc::default(),
            overflow_policy: self.overflow_policy,
            max_buffer_size: self.max_buffer_size,
            development: self.development,
            fingerprints: self.fingerprints,
        };
        (raw, settings)
    }
}

/// Settings of this crate, in addition to those of socketioxide.
struct Settings {
    cluster: Arc<ClusterState>,
    limits: Arc<Limits>,
    transports: Vec<TransportType>,
    in_flight: Arc<InFlight>,
    slow_clients: Arc<SlowClients>,
    overflow_policy: OverflowPolicy,
    max_buffer_size: usize,
    origins: Origins,
    development: bool,
    fingerprints: Fingerprints,
}

impl Settings {
    fn admission(&self, raw: &RawIo) -> Arc<Admission> {
        Admission::of(
            raw,
            &self.limits,
            &self.origins,
            &self.transports,
            &self.in_flight,
            &self.slow_clients,
        )
    }

    fn server(self, raw: RawIo) -> SocketIo {
        let bus = Bus::start(raw.config().server_id.into(), self.cluster);
        let namespaces = NamespaceRegistry::new(
            bus,
            self.limits,
            self.in_flight,
            self.slow_clients,
            (self.overflow_policy, self.max_buffer_size),
            self.fingerprints,
        );
        SocketIo::new(raw, Arc::new(namespaces), self.development)
    }
}
