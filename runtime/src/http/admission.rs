//! Who is let in to the engine.

#![allow(
    clippy::result_large_err,
    reason = "the error is the answer that is sent"
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

/// What a service knows of its server: where it is asked for, and who is coming in.
pub(crate) struct Admission {
    path: Cow<'static, str>,
    transports: Vec<TransportType>,
    origins: Origins,
    limits: Arc<Limits>,
    times: Times,
    /// The connections of each address, where they are limited.
    address_permits: Option<Arc<AddressPermits>>,
    registry: Arc<ConnectionRegistry>,
    /// What is logged of who is not let in.
    log_limiter: LogLimiter,
}

/// The engine's times.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    /// How long the change from polling to a WebSocket may take.
    pub(crate) upgrade: Duration,
}

/// What a request asks for that may be had.
pub(crate) enum Asked {
    /// A session that begins with polling.
    Open,
    /// A session that begins with a WebSocket.
    Connect,
    /// What there is to send.
    Get(Arc<Connection>),
    /// To take what the client sends.
    Post(Arc<Connection>),
    /// To go on with a WebSocket.
    Upgrade(Arc<Connection>),
}

/// Why a connection that is a WebSocket already was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// The request that it began with is none of Engine.IO's.
    #[error("the request of a WebSocket cannot be taken: {0}")]
    Malformed(String),
    /// The page that it comes from is not among the [`Origins`], its address has too many connections, or the server is
    /// shutting down.
    #[error("a WebSocket is refused with status {0}; the log says why")]
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

    /// How long an event may be, in bytes, for it not to be for the engine to judge.
    pub(crate) fn longest(&self) -> usize {
        self.limits.max_payload
    }

    pub(crate) fn times(&self) -> Times {
        self.times
    }

    /// `true` if the engine is asked.
    pub(crate) fn is_asked(&self, uri: &Uri) -> bool {
        let rest = uri.path().strip_prefix(&*self.path);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        })
    }

    /// Looks at where a request comes from: whether a page of another origin may have the answer, or the answer.
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
                granted.tell(answer.headers_mut());
                ControlFlow::Break(answer)
            }
            None => ControlFlow::Continue(Some(granted)),
        }
    }

    /// Reads what a request asks for.
    pub(crate) fn read<B>(&self, request: &Request<B>) -> Result<Asked, HttpResponse> {
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
                TransportType::Polling => Ok(Asked::Open),
                TransportType::Websocket => Ok(Asked::Connect),
            };
        };
        let connection = self.registry.find(session);
        let connection = connection.ok_or_else(|| ProtocolError::UnknownSession.answer())?;
        match query.transport {
            TransportType::Polling if method == Method::GET => Ok(Asked::Get(connection)),
            TransportType::Polling if method == Method::POST => Ok(Asked::Post(connection)),
            TransportType::Websocket if method == Method::GET => Ok(Asked::Upgrade(connection)),
            _ => Err(ProtocolError::BadRequest.answer()),
        }
    }

    /// Begins a session with polling, whose requests are known by the token.
    pub(crate) fn open<B>(
        &self,
        request: Request<B>,
    ) -> Result<(Request<B>, Arc<Connection>, Token), HttpResponse> {
        let (mut request, permit) = self.take_permit(request)?;
        let (connection, token) = self.registry.begin_polling(permit);
        request.extensions_mut().insert(connection.clone());
        Ok((request, connection, token))
    }

    /// Begins a session with a WebSocket.
    pub(crate) fn connect<B>(
        &self,
        request: Request<B>,
    ) -> Result<(Request<B>, Arc<Connection>), HttpResponse> {
        let (mut request, permit) = self.take_permit(request)?;
        let connection = self.registry.begin(permit);
        request.extensions_mut().insert(connection.clone());
        Ok((request, connection))
    }

    /// The OPEN packet of a session (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
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
            "a page of another origin was refused; if it is one of yours, let it in with \
             `SocketIo::builder().origins(Origins::list([…])?)`"
        );
    }

    /// `true` if nothing more is answered: while a server is draining, the connections that it has go on.
    fn is_shut(&self, is_known: bool) -> bool {
        match is_known {
            false => self.registry.in_flight.is_draining(),
            true => self.registry.in_flight.is_closed(),
        }
    }

    /// Counts a connection that begins, where connections are counted by address.
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
                "a connection was refused: its address is not known, which `Limits::connections_per_address` wants; serve \
                 with `into_make_service_with_connect_info::<SocketAddr>()`, or have `Limits::client_address` name a header \
                 in which the proxy in front puts an address"
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
                "a connection was refused: its address has as many as `Limits::connections_per_address` allows"
            );
            let message = "Too many connections";
            return Err(forbidden(StatusCode::TOO_MANY_REQUESTS, message));
        };
        Ok((Request::from_parts(head, body), Some(permit)))
    }
}

/// What is answered to a client that had better go to another server.
fn shutting_down(version: Version) -> HttpResponse {
    let message = "The server is shutting down";
    let mut answer = forbidden(StatusCode::SERVICE_UNAVAILABLE, message);
    // On the same connection the client would come back to this very server.
    if version <= Version::HTTP_11 {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
    answer
}
