//! Admission of requests to the engine.

#![allow(
    clippy::result_large_err,
    reason = "the error is the response to the client"
)]

use std::{borrow::Cow, ops::ControlFlow, sync::Arc, time::Duration};

use http::{
    HeaderValue, Method, Request, StatusCode, Uri, Version,
    header::{CONNECTION, HOST, ORIGIN},
};

use super::{
    cors::Granted,
    origins::{Origins, Verdict},
    query::Query,
    responses::{HttpResponse, forbidden},
};
use crate::{
    config::{client_address::network, limits::Limits},
    connection::{
        address_permits::{AddressPermit, AddressPermits},
        connection::Connection,
        protocol_error::ProtocolError,
        registry::ConnectionRegistry,
        session_token::Token,
        slow_clients::SlowClients,
    },
    metrics,
    protocol::TransportType,
    support::{
        in_flight::InFlight,
        log_limiter::{LogLimiter, log_limited, truncate},
    },
    upstream::RawIo,
};

/// Decides which requests may reach the engine: path, transports, origins and limits of a server.
pub(crate) struct Admission {
    path: Cow<'static, str>,
    transports: Vec<TransportType>,
    origins: Origins,
    limits: Arc<Limits>,
    times: Times,
    /// Connections per address, if they are limited.
    address_permits: Option<Arc<AddressPermits>>,
    registry: Arc<ConnectionRegistry>,
    /// Limits the log lines about rejected requests.
    log_limiter: LogLimiter,
}

/// Intervals and timeouts of the engine.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    /// Timeout of an upgrade from polling to WebSocket.
    pub(crate) upgrade: Duration,
}

/// Operation that an admitted request performs.
pub(crate) enum RequestKind {
    /// Opens a session with polling.
    Open,
    /// Opens a session with a WebSocket.
    Connect,
    /// Polls for packets.
    Get(Arc<Connection>),
    /// Sends packets to the server.
    Post(Arc<Connection>),
    /// Upgrades the session to a WebSocket.
    Upgrade(Arc<Connection>),
}

/// Error returned when a [`SocketIoService`](crate::SocketIoService) rejects a connection that is already a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// The request that opened the connection is not an Engine.IO request.
    #[error("malformed WebSocket request: {0}")]
    Malformed(String),
    /// The connection's origin is not among the [`Origins`], its address has too many connections, or the server is
    /// shutting down.
    #[error("WebSocket rejected with status {0}; the log has the reason")]
    Refused(StatusCode),
}

impl Admission {
    pub(crate) fn of(
        io: &RawIo,
        limits: &Arc<Limits>,
        origins: &Origins,
        transports: &[TransportType],
        in_flight: &Arc<InFlight>,
        slow_clients: &Arc<SlowClients>,
    ) -> Arc<Self> {
        let config = &io.config().engine_config;
        Arc::new(Self {
            path: config.req_path.clone(),
            transports: transports.to_vec(),
            origins: origins.clone(),
            address_permits: limits.connections_per_address.map(AddressPermits::new),
            limits: limits.clone(),
            times: Times {
                ping_interval: config.ping_interval,
                ping_timeout: config.ping_timeout,
                upgrade: config.upgrade_timeout,
            },
            registry: ConnectionRegistry::of(in_flight, limits, slow_clients),
            log_limiter: LogLimiter::default(),
        })
    }

    /// Returns the maximum length of an event, in bytes, that is handled here; the engine judges longer ones.
    pub(crate) fn longest(&self) -> usize {
        self.limits.max_payload
    }

    pub(crate) fn times(&self) -> Times {
        self.times
    }

    /// Returns `true` if the URI has Socket.IO's path.
    pub(crate) fn matches_path(&self, uri: &Uri) -> bool {
        let rest = uri.path().strip_prefix(&*self.path);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        })
    }

    /// Checks the origin of a request. Breaks with a response if the request is rejected or is a preflight; otherwise
    /// returns the CORS headers that the response needs.
    pub(crate) fn check_origin<B>(
        &self,
        request: &Request<B>,
    ) -> ControlFlow<HttpResponse, Option<Granted>> {
        let granted = match self.origins.judge(request) {
            Verdict::Own => return ControlFlow::Continue(None),
            Verdict::Granted(granted) => granted,
            Verdict::Refused => {
                metrics::connection_refused("origin");
                self.warn_of_origin(request);
                return ControlFlow::Break(forbidden(StatusCode::FORBIDDEN, "Forbidden"));
            }
        };
        match granted.preflight(request) {
            Some(mut answer) => {
                granted.apply_to(answer.headers_mut());
                ControlFlow::Break(answer)
            }
            None => ControlFlow::Continue(Some(granted)),
        }
    }

    /// Parses a request and checks that it may be handled.
    pub(crate) fn read<B>(&self, request: &Request<B>) -> Result<RequestKind, HttpResponse> {
        let query = Query::parse(request.uri()).map_err(ProtocolError::answer)?;
        if self.is_shut(query.session.is_some()) {
            metrics::connection_refused("shutting_down");
            return Err(shutting_down(request.version()));
        }
        if !self.transports.contains(&query.transport) {
            return Err(ProtocolError::BadRequest.answer());
        }
        let method = request.method();
        let Some(session) = query.session else {
            return match query.transport {
                _ if method != Method::GET => Err(ProtocolError::BadMethod.answer()),
                TransportType::Polling => Ok(RequestKind::Open),
                TransportType::Websocket => Ok(RequestKind::Connect),
            };
        };
        let connection = self.registry.find(session);
        let connection = connection.ok_or_else(|| ProtocolError::UnknownSession.answer())?;
        match query.transport {
            TransportType::Polling if method == Method::GET => Ok(RequestKind::Get(connection)),
            TransportType::Polling if method == Method::POST => Ok(RequestKind::Post(connection)),
            TransportType::Websocket if method == Method::GET => {
                Ok(RequestKind::Upgrade(connection))
            }
            _ => Err(ProtocolError::BadRequest.answer()),
        }
    }

    /// Opens a session with polling, and creates the token that its requests have to carry.
    pub(crate) fn open<B>(
        &self,
        request: Request<B>,
    ) -> Result<(Request<B>, Arc<Connection>, Token), HttpResponse> {
        let (mut request, permit) = self.take_permit(request)?;
        let (connection, token) = self.registry.begin_polling(permit);
        request.extensions_mut().insert(connection.clone());
        Ok((request, connection, token))
    }

    /// Opens a session with a WebSocket.
    pub(crate) fn connect<B>(
        &self,
        request: Request<B>,
    ) -> Result<(Request<B>, Arc<Connection>), HttpResponse> {
        let (mut request, permit) = self.take_permit(request)?;
        let connection = self.registry.begin(permit);
        request.extensions_mut().insert(connection.clone());
        Ok((request, connection))
    }

    /// Writes the OPEN packet of a session (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
    pub(crate) fn open_packet(&self, token: &Token, transport: TransportType) -> String {
        let upgrades: &[&str] = match transport {
            TransportType::Polling if self.transports.contains(&TransportType::Websocket) => {
                &["websocket"]
            }
            _ => &[],
        };
        let open = serde_json::json!({
            "sid": token.text(),
            "upgrades": upgrades,
            "pingInterval": self.times.ping_interval.as_millis() as u64,
            "pingTimeout": self.times.ping_timeout.as_millis() as u64,
            "maxPayload": self.limits.max_payload,
        });
        format!("0{open}")
    }

    fn warn_of_origin<B>(&self, request: &Request<B>) {
        let headers = request.headers();
        log_limited!(
            self.log_limiter.next(),
            warn,
            {
                origin = ?headers.get(ORIGIN),
                host = ?headers.get(HOST),
                path = truncate(request.uri().path())
            },
            "request rejected: origin not allowed; to allow it, use \
             `SocketIo::builder().origins(Origins::list([…])?)`"
        );
    }

    /// Returns `true` if the server no longer handles this request. A draining server continues to serve the
    /// connections that it has.
    fn is_shut(&self, is_known: bool) -> bool {
        match is_known {
            false => self.registry.in_flight.is_draining(),
            true => self.registry.in_flight.is_closed(),
        }
    }

    /// Counts a new connection, if connections are limited by address.
    fn take_permit<B>(
        &self,
        request: Request<B>,
    ) -> Result<(Request<B>, Option<Box<AddressPermit>>), HttpResponse> {
        let Some(address_permits) = &self.address_permits else {
            return Ok((request, None));
        };
        let (head, body) = request.into_parts();
        let limit = self.limits.connections_per_address;
        let Some(address) = self.limits.client_address.of(&head, &self.log_limiter) else {
            metrics::connection_refused("no_address");
            log_limited!(
                self.log_limiter.next(),
                error,
                { limit },
                "connection rejected: `Limits::connections_per_address` is set, but the client address is unknown; \
                 serve with `into_make_service_with_connect_info::<SocketAddr>()`, or set \
                 `Limits::client_address` to a header that the reverse proxy sets"
            );
            let message = "The address is not known";
            return Err(forbidden(StatusCode::INTERNAL_SERVER_ERROR, message));
        };
        let Some(permit) = address_permits.take(network(address)) else {
            metrics::connection_refused("too_many_of_address");
            log_limited!(
                self.log_limiter.next(),
                warn,
                { %address, limit },
                "connection rejected: too many connections from this address (`Limits::connections_per_address`)"
            );
            let message = "Too many connections";
            return Err(forbidden(StatusCode::TOO_MANY_REQUESTS, message));
        };
        Ok((Request::from_parts(head, body), Some(permit)))
    }
}

/// Response to a client that should connect to another server.
fn shutting_down(version: Version) -> HttpResponse {
    let message = "The server is shutting down";
    let mut answer = forbidden(StatusCode::SERVICE_UNAVAILABLE, message);
    // On the same HTTP connection, the client would reach this server again.
    if version <= Version::HTTP_11 {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
    answer
}
