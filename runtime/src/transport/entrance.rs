//! Who is let in to the engine.

use std::{borrow::Cow, ops::ControlFlow, sync::Arc, time::Duration};

use http::{
    HeaderValue, Method, Request, StatusCode, Uri, Version,
    header::{CONNECTION, HOST, ORIGIN},
};
use socketioxide::TransportType;
use socketioxide_core::Sid;

use super::{
    address::network,
    answer::{Answer, forbidden},
    cors::Granted,
    link::{Link, Links},
    messages::Source,
    origins::{Origins, Verdict},
    seats::{Seat, Seats},
};
use crate::{
    cluster::Adapter,
    limits::{Limits, Lines, beginning, line},
    metrics,
    shutdown::Work,
};

/// What a service knows of its server: where it is asked for, and who is coming in.
pub(crate) struct Entrance {
    path: Cow<'static, str>,
    is_websocket_allowed: bool,
    is_polling_allowed: bool,
    origins: Origins,
    limits: Arc<Limits>,
    /// How long a client may leave unread what it is sent.
    patience: Duration,
    /// The connections of each address, where they are limited.
    seats: Option<Arc<Seats>>,
    links: Arc<Links>,
    /// What is logged of who is not let in.
    lines: Lines,
}

/// A request that the engine may have.
pub(super) struct Admitted<B> {
    pub(super) request: Request<B>,
    /// Whether a page of another origin may have the answer.
    pub(super) granted: Option<Granted>,
}

/// Why a connection that is a WebSocket already was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// The request that it began with is none of Engine.IO's.
    #[error("the request of a WebSocket cannot be taken: {0}")]
    Malformed(String),
    /// The page that it comes from is not among the [`Origins`], its address has too many connections, or the server is
    /// shutting down.
    #[error("a WebSocket is refused with status {0}; the log says why")]
    Refused(StatusCode),
}

impl Entrance {
    pub(crate) fn of(
        io: &socketioxide::SocketIo<Adapter>,
        limits: &Arc<Limits>,
        origins: &Origins,
        work: &Arc<Work>,
    ) -> Arc<Self> {
        let config = &io.config().engine_config;
        Arc::new(Self {
            path: config.req_path.clone(),
            is_websocket_allowed: config.allowed_transport(TransportType::Websocket),
            is_polling_allowed: config.allowed_transport(TransportType::Polling),
            origins: origins.clone(),
            seats: limits.connections_per_address.map(Seats::new),
            limits: limits.clone(),
            patience: config.ping_timeout,
            links: Links::of(work),
            lines: Lines::default(),
        })
    }

    pub(super) fn is_websocket_allowed(&self) -> bool {
        self.is_websocket_allowed
    }

    /// How long an event may be, in bytes, for it not to be for the engine to judge.
    pub(super) fn longest(&self) -> usize {
        self.limits.payload
    }

    /// How long a client may leave unread what it is sent.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether the engine is asked.
    pub(super) fn is_asked(&self, uri: &Uri) -> bool {
        let rest = uri.path().strip_prefix(&*self.path);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        })
    }

    /// Lets a request in to the engine, or answers it.
    pub(super) fn admit<B>(&self, request: Request<B>) -> ControlFlow<Answer, Admitted<B>> {
        let granted = match self.origins.judge(&request) {
            Verdict::Own => None,
            Verdict::Granted(granted) => Some(granted),
            Verdict::Refused => {
                metrics::connection_refused("origin");
                self.warn_of_origin(&request);
                return ControlFlow::Break(forbidden(StatusCode::FORBIDDEN, "Forbidden"));
            }
        };
        let preflight = granted
            .as_ref()
            .and_then(|granted| granted.preflight(&request));
        let begun = match preflight {
            Some(answer) => ControlFlow::Break(answer),
            None => self.begin(request),
        };
        match begun {
            ControlFlow::Continue(request) => ControlFlow::Continue(Admitted { request, granted }),
            ControlFlow::Break(mut answer) => {
                if let Some(granted) = granted {
                    granted.tell(answer.headers_mut());
                }
                ControlFlow::Break(answer)
            }
        }
    }

    fn warn_of_origin<B>(&self, request: &Request<B>) {
        let headers = request.headers();
        line!(
            self.lines.next(),
            warn,
            {
                origin = ?headers.get(ORIGIN),
                host = ?headers.get(HOST),
                path = beginning(request.uri().path())
            },
            "a page of another origin was refused; if it is one of yours, let it in with \
             `SocketIo::builder().origins(Origins::list([…])?)`"
        );
    }

    /// Gives a connection that begins its link, and its place among those of its address.
    fn begin<B>(&self, request: Request<B>) -> ControlFlow<Answer, Request<B>> {
        // As the engine tells one from a connection that goes on: it may take what is no query of ours.
        let is_known = value(request.uri(), "sid").is_some();
        if self.is_shut(is_known) {
            metrics::connection_refused("shutting_down");
            return ControlFlow::Break(shutting_down(request.version()));
        }
        if is_known {
            return ControlFlow::Continue(request);
        }
        let (mut request, seat) = match &self.seats {
            Some(seats) => self.take_seat(seats, request)?,
            None => (request, None),
        };
        let query = self.query(request.uri());
        let is_websocket = query.as_ref().is_none_or(|query| query.is_websocket);
        // The handshake is kept with its extensions.
        let link = self.links.begin(is_websocket, seat);
        let is_polling = query.is_some_and(|query| query.is_polling);
        if is_polling && self.is_polling_allowed && request.method() == Method::GET {
            link.open();
        }
        request.extensions_mut().insert(link);
        ControlFlow::Continue(request)
    }

    /// Whether nothing more is answered: while a server is draining, the connections that it has go on.
    fn is_shut(&self, is_known: bool) -> bool {
        match is_known {
            false => self.links.work.is_draining(),
            true => self.links.work.is_closed(),
        }
    }

    fn take_seat<B>(
        &self,
        seats: &Arc<Seats>,
        request: Request<B>,
    ) -> ControlFlow<Answer, (Request<B>, Option<Box<Seat>>)> {
        let (head, body) = request.into_parts();
        let Some(address) = self.limits.client_address.of(&head, &self.lines) else {
            metrics::connection_refused("no_address");
            let limit = self.limits.connections_per_address;
            line!(
                self.lines.next(),
                error,
                { limit },
                "a connection was refused: its address is not known, which `Limits::connections_per_address` wants; serve \
                 with `into_make_service_with_connect_info::<SocketAddr>()`, or have `Limits::client_address` name a header \
                 in which the proxy in front puts an address"
            );
            let message = "The address is not known";
            let answer = forbidden(StatusCode::INTERNAL_SERVER_ERROR, message);
            return ControlFlow::Break(answer);
        };
        let Some(seat) = seats.take(network(address)) else {
            metrics::connection_refused("too_many_of_address");
            let limit = self.limits.connections_per_address;
            line!(
                self.lines.next(),
                warn,
                { %address, limit },
                "a connection was refused: its address has as many as `Limits::connections_per_address` allows"
            );
            let message = "Too many connections";
            return ControlFlow::Break(forbidden(StatusCode::TOO_MANY_REQUESTS, message));
        };
        ControlFlow::Continue((Request::from_parts(head, body), Some(seat)))
    }

    /// Where the sockets of a WebSocket are found.
    pub(super) fn source(&self, head: &Request<()>) -> Source {
        match self.query(head.uri()).and_then(|query| query.session) {
            Some(session) => Source::Sought(session, self.links.clone()),
            None => {
                let link = head.extensions().get::<Arc<Link>>().cloned();
                // One of a session that cannot be read has none, which the engine will tell.
                Source::Known(link.unwrap_or_else(|| self.links.begin(true, None)))
            }
        }
    }

    /// What is asked of the engine; `None` if it is not asked in the protocol's current version.
    pub(super) fn query(&self, uri: &Uri) -> Option<Query> {
        if value(uri, "EIO") != Some("4") {
            return None;
        }
        let session = match value(uri, "sid") {
            None => None,
            Some(session) => Some(session.parse().ok()?),
        };
        Some(Query {
            session,
            is_websocket: value(uri, "transport") == Some("websocket"),
            is_polling: value(uri, "transport") == Some("polling"),
        })
    }
}

/// What a request asks of the engine (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
pub(super) struct Query {
    /// The connection that it goes on with.
    session: Option<Sid>,
    pub(super) is_websocket: bool,
    is_polling: bool,
}

/// What is answered to a client that had better go to another server.
fn shutting_down(version: Version) -> Answer {
    let message = "The server is shutting down";
    let mut answer = forbidden(StatusCode::SERVICE_UNAVAILABLE, message);
    // On the same connection the client would come back to this very server.
    if version <= Version::HTTP_11 {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
    answer
}

fn value<'u>(uri: &'u Uri, name: &str) -> Option<&'u str> {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
