//! How a server is built.

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

/// The settings of a server; what is not set is as in
/// [socketioxide](https://docs.rs/socketioxide/latest/socketioxide/struct.SocketIoBuilder.html).
#[must_use = "a server is built by `build_layer` or one of its siblings"]
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

/// What every WebSocket's reader holds, in bytes. It is filled from a buffer that all connections have in common, so
/// that a larger one would save nothing.
const READ_BUFFER: usize = 256;

/// The send buffer of a connection, in packets: enough for what a handler sends in one go.
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

    /// The servers that this one works with; [`Cluster::memory`], which is none, unless set.
    ///
    /// A cluster that is not connected yet starts to connect here, for which it takes a tokio runtime.
    pub fn cluster(self, cluster: Cluster) -> Self {
        let cluster = cluster.start();
        Self {
            raw: self.raw.with_adapter(cluster.namespaces.clone()),
            cluster,
            ..self
        }
    }

    /// How packets are encoded; [`Parser::Common`] unless set.
    pub fn parser(self, parser: Parser) -> Self {
        Self { parser, ..self }
    }

    /// How much a client may ask of the server; [`Limits::default`] unless set.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The pages that may reach the server; its own, [`Origins::same`], unless set.
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// `true` if clients are told why exactly a payload was refused; off unless set, for the details show how the
    /// server is made. They are in the log either way. Pages of [`Origins::local`] are let in as well, such as those of
    /// Vite's server.
    pub fn development(self, development: bool) -> Self {
        Self {
            development,
            ..self
        }
    }

    /// What becomes of clients that know other events than the server; nothing, unless set.
    pub fn fingerprints(self, fingerprints: Fingerprints) -> Self {
        Self {
            fingerprints,
            ..self
        }
    }

    /// The path that requests are taken at; `/socket.io` unless set.
    pub fn req_path(self, path: impl Into<Cow<'static, str>>) -> Self {
        self.map(|raw| raw.req_path(path))
    }

    /// The time between two heartbeats; 25 s unless set.
    pub fn ping_interval(self, interval: Duration) -> Self {
        self.map(|raw| raw.ping_interval(interval))
    }

    /// How long a client may take to answer a heartbeat; 20 s unless set.
    pub fn ping_timeout(self, timeout: Duration) -> Self {
        self.map(|raw| raw.ping_timeout(timeout))
    }

    /// Number of packets that may wait to be sent over one connection; 1,024 by default. They take memory only while they
    /// wait.
    ///
    /// What a client does not take is bounded by [`Limits::backlog`] as well. Under [`OverflowPolicy::Wait`] this number bounds
    /// only what waits inside of the engine, such as broadcasts to a client that has reached that limit; a client for which
    /// so many packets wait there when it is time for a heartbeat is disconnected.
    pub fn max_buffer_size(self, packets: usize) -> Self {
        let this = self.map(|raw| raw.max_buffer_size(packets));
        Self {
            max_buffer_size: packets,
            ..this
        }
    }

    /// Policy for events to a socket for which too much waits already; [`OverflowPolicy::Wait`] by default.
    pub fn overflow_policy(self, overflow_policy: OverflowPolicy) -> Self {
        Self {
            overflow_policy,
            ..self
        }
    }

    /// How long to wait for an acknowledgement; 5 s unless set.
    pub fn ack_timeout(self, timeout: Duration) -> Self {
        self.map(|raw| raw.ack_timeout(timeout))
    }

    /// How long a client may be connected without joining a namespace; 45 s unless set.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.map(|raw| raw.connect_timeout(timeout))
    }

    /// Which transports are offered; polling and WebSocket unless set.
    pub fn transports<const COUNT: usize>(self, transports: [TransportType; COUNT]) -> Self {
        Self {
            transports: transports.to_vec(),
            ..self
        }
    }

    /// Sets what is not wrapped here on socketioxide's own builder; the parser, the [`limits`](Self::limits) and the
    /// [`transports`](Self::transports) are set after it.
    pub fn raw(
        self,
        set: impl FnOnce(SocketIoBuilder<Adapter>) -> SocketIoBuilder<Adapter>,
    ) -> Self {
        self.map(set)
    }

    /// The server as a tower layer, for `axum::Router::layer` and its like: it takes the requests of Socket.IO's
    /// path and leaves the others to the service below.
    pub fn build_layer(self) -> (SocketIoLayer, SocketIo) {
        let (raw, settings) = self.split();
        let (layer, io) = raw.build_layer();
        (
            SocketIoLayer::new(&layer, settings.admission(&io)),
            settings.server(io),
        )
    }

    /// The server as a tower and hyper service of its own, which answers all other requests with 404.
    ///
    /// ```
    /// use sio_types::SocketIo;
    ///
    /// let (service, io) = SocketIo::builder().build_service();
    /// let app: axum::Router = axum::Router::new().fallback_service(service);
    /// ```
    pub fn build_service(self) -> (SocketIoService<NotFoundService>, SocketIo) {
        let (raw, settings) = self.split();
        let (service, io) = raw.build_svc();
        (
            SocketIoService::new(service, settings.admission(&io), NotFoundService),
            settings.server(io),
        )
    }

    /// The server as a service around another one.
    pub fn build_with_inner_service<S>(self, inner: S) -> (SocketIoService<S>, SocketIo) {
        let (raw, settings) = self.split();
        let (service, io) = raw.build_svc();
        (
            SocketIoService::new(service, settings.admission(&io), inner),
            settings.server(io),
        )
    }

    fn split(self) -> (SocketIoBuilder<Adapter>, Settings) {
        // To the engine, every connection is a WebSocket.
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

/// What is ours, beside socketioxide's settings.
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
