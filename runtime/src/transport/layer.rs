//! The server as a tower layer and service.

use std::{
    borrow::Cow,
    fmt,
    future::{Ready, ready},
    ops::ControlFlow,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
};
use http_body::Body;
use http_body_util::{Either, Empty};
use hyper::{service::Service as HyperService, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use socketioxide::{TransportType, layer, service};
use socketioxide_core::Sid;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer;
use tower_service::Service;
use tungstenite::handshake::derive_accept_key;

use super::{head, link::Links, messages::Source, stream::EventStream};
use crate::{cluster::Adapter, limits::Limits};

type Raw<S> = service::SocketIoService<S, Adapter>;

/// A connection that is a WebSocket already, and the head of the request that it began with.
type Upgraded<St> = (St, Request<()>);

/// The server as a tower layer: it takes the requests of Socket.IO's path and leaves the others to the service below.
#[derive(Clone)]
pub struct SocketIoLayer {
    raw: layer::SocketIoLayer<Adapter>,
    entrance: Arc<Entrance>,
}

/// What a service knows of its server: where it is asked for, and who is coming in.
pub(crate) struct Entrance {
    path: Cow<'static, str>,
    is_websocket_allowed: bool,
    limits: Arc<Limits>,
    /// How long a client may leave unread what it is sent.
    patience: Duration,
    links: Arc<Links>,
}

impl SocketIoLayer {
    pub(crate) fn new(raw: layer::SocketIoLayer<Adapter>, entrance: Arc<Entrance>) -> Self {
        Self { raw, entrance }
    }
}

impl fmt::Debug for SocketIoLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIoLayer").finish_non_exhaustive()
    }
}

impl<S: Clone> Layer<S> for SocketIoLayer {
    type Service = SocketIoService<S>;

    fn layer(&self, inner: S) -> SocketIoService<S> {
        SocketIoService::new(self.raw.layer(inner), self.entrance.clone())
    }
}

/// The server as a tower and hyper service around another one.
///
/// It takes requests, and also connections that are WebSockets already, each with the head of the request that it
/// began with.
pub struct SocketIoService<S: Clone> {
    raw: Raw<S>,
    entrance: Arc<Entrance>,
}

impl<S: Clone> SocketIoService<S> {
    pub(crate) fn new(raw: Raw<S>, entrance: Arc<Entrance>) -> Self {
        Self { raw, entrance }
    }
}

impl<S: Clone + Send + 'static> SocketIoService<S> {
    /// Answers a request that is to become a WebSocket; any other is for the engine, or for the service below.
    fn upgrade<B>(&self, mut request: Request<B>) -> ControlFlow<Response<NoBody>, Request<B>> {
        let Some(query) = self.entrance.query(request.uri()) else {
            return ControlFlow::Continue(request);
        };
        if query.session.is_none() {
            // The handshake is kept with its extensions.
            let link = self.entrance.links.begin(query.is_websocket);
            request.extensions_mut().insert(link);
        }
        // Whatever is wrong with it, the engine will tell.
        let is_upgrade = query.is_websocket && request.method() == Method::GET;
        let key = request.headers().get(SEC_WEBSOCKET_KEY);
        let (true, Some(key)) = (is_upgrade && self.entrance.is_websocket_allowed, key) else {
            return ControlFlow::Continue(request);
        };
        let accept = derive_accept_key(key.as_bytes());
        let (Ok(accept), Some(upgrade)) = (
            HeaderValue::try_from(accept),
            request.extensions_mut().remove::<OnUpgrade>(),
        ) else {
            return ControlFlow::Continue(request);
        };
        tokio::spawn(self.clone().complete(upgrade, head::compact(request)));
        let mut response = Response::new(NoBody::new());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        ControlFlow::Break(response)
    }

    async fn complete(self, upgrade: OnUpgrade, head: Request<()>) {
        match upgrade.await {
            Ok(upgraded) => {
                if let Err(error) = self.admit(TokioIo::new(upgraded), head) {
                    tracing::debug!(%error, "a WebSocket was refused");
                }
            }
            Err(error) => tracing::debug!(%error, "a connection could not become a WebSocket"),
        }
    }
}

impl<S: Clone> SocketIoService<S> {
    /// Lets a WebSocket into the engine.
    fn admit<St>(&self, stream: St, mut head: Request<()>) -> Result<(), Refused<S, St>>
    where
        St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let links = &self.entrance.links;
        let source = match self.entrance.query(head.uri()).map(|query| query.session) {
            Some(Some(session)) => Source::Sought(session, links.clone()),
            // Whatever else it is, the engine will tell.
            Some(None) | None => {
                let extensions = head.extensions_mut();
                Source::Known(extensions.get_or_insert_with(|| links.begin(true)).clone())
            }
        };
        // The engine's task keeps room for it in several places.
        let stream = Box::new(EventStream::new(
            stream,
            source,
            self.entrance.limits.payload,
            self.entrance.patience,
        ));
        HyperService::call(&self.raw, (stream, head)).into_inner()
    }
}

/// Why the engine has not taken a WebSocket.
type Refused<S, St> = <Raw<S> as HyperService<Upgraded<St>>>::Error;

impl<S: Clone> Clone for SocketIoService<S> {
    fn clone(&self) -> Self {
        Self {
            raw: self.raw.clone(),
            entrance: self.entrance.clone(),
        }
    }
}

impl<S: Clone> fmt::Debug for SocketIoService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIoService").finish_non_exhaustive()
    }
}

impl Entrance {
    pub(crate) fn of(io: &socketioxide::SocketIo<Adapter>, limits: &Arc<Limits>) -> Arc<Self> {
        let config = &io.config().engine_config;
        Arc::new(Self {
            path: config.req_path.clone(),
            limits: limits.clone(),
            patience: config.ping_timeout,
            is_websocket_allowed: config.allowed_transport(TransportType::Websocket),
            links: Arc::default(),
        })
    }

    /// What is asked of the engine; `None` if it is not asked, or not in the protocol's current version.
    fn query(&self, uri: &Uri) -> Option<Query> {
        let rest = uri.path().strip_prefix(&*self.path)?;
        let is_path = rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/');
        let pairs = || uri.query().unwrap_or_default().split('&');
        let value =
            |name: &str| pairs().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if !is_path || value("EIO") != Some("4") {
            return None;
        }
        let session = match value("sid") {
            None => None,
            Some(session) => Some(session.parse().ok()?),
        };
        Some(Query {
            session,
            is_websocket: value("transport") == Some("websocket"),
        })
    }
}

/// What a request asks of the engine (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
struct Query {
    /// The connection that it goes on with.
    session: Option<Sid>,
    is_websocket: bool,
}

/// Names the body of a response whose type has no public name.
#[doc(hidden)]
pub trait HasBody {
    type Body;
}

impl<B> HasBody for Response<B> {
    type Body = B;
}

/// The body of a response, or none.
type MaybeBody<B> = Either<B, NoBody>;
type NoBody = Empty<Bytes>;

pin_project! {
    /// The response to a request of Socket.IO's path, or that of the service below.
    #[project = Responding]
    pub enum ResponseFuture<F> {
        /// A connection becomes a WebSocket.
        #[doc(hidden)]
        Upgraded { #[pin] response: Ready<Response<Empty<Bytes>>> },
        /// The engine answers, or the service below.
        #[doc(hidden)]
        Other { #[pin] response: F },
    }
}

impl<F> ResponseFuture<F> {
    fn upgraded(response: Response<NoBody>) -> Self {
        let response = ready(response);
        Self::Upgraded { response }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<MaybeBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Responding::Upgraded { response } => {
                let response = response.poll(context);
                response.map(|response| Ok(response.map(Either::Right)))
            }
            Responding::Other { response } => {
                let response = response.poll(context);
                response.map_ok(|response| response.map(Either::Left))
            }
        }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for SocketIoService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    RequestBody: Body<Data: Send, Error: fmt::Debug> + Send + Unpin + fmt::Debug + 'static,
    ResponseBody: Body + Send + 'static,
{
    type Response =
        Response<MaybeBody<<<Raw<S> as Service<Request<RequestBody>>>::Response as HasBody>::Body>>;
    type Error = S::Error;
    type Future = ResponseFuture<<Raw<S> as Service<Request<RequestBody>>>::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::<Request<RequestBody>>::poll_ready(&mut self.raw, context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        match self.upgrade(request) {
            ControlFlow::Break(response) => ResponseFuture::upgraded(response),
            ControlFlow::Continue(request) => ResponseFuture::Other {
                response: Service::call(&mut self.raw, request),
            },
        }
    }
}

impl<S, RequestBody, ResponseBody> HyperService<Request<RequestBody>> for SocketIoService<S>
where
    S: HyperService<Request<RequestBody>, Response = Response<ResponseBody>>
        + Clone
        + Send
        + 'static,
    RequestBody: Body<Data: Send, Error: fmt::Debug> + Send + Unpin + fmt::Debug + 'static,
    ResponseBody: Body + Send + 'static,
{
    type Response = Response<
        MaybeBody<<<Raw<S> as HyperService<Request<RequestBody>>>::Response as HasBody>::Body>,
    >;
    type Error = S::Error;
    type Future = ResponseFuture<<Raw<S> as HyperService<Request<RequestBody>>>::Future>;

    fn call(&self, request: Request<RequestBody>) -> Self::Future {
        match self.upgrade(request) {
            ControlFlow::Break(response) => ResponseFuture::upgraded(response),
            ControlFlow::Continue(request) => ResponseFuture::Other {
                response: HyperService::call(&self.raw, request),
            },
        }
    }
}

impl<S, St> Service<Upgraded<St>> for SocketIoService<S>
where
    S: Clone,
    St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Response = ();
    type Error = Refused<S, St>;
    type Future = Ready<Result<(), Refused<S, St>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (stream, head): Upgraded<St>) -> Self::Future {
        ready(self.admit(stream, head))
    }
}

impl<S, St> HyperService<Upgraded<St>> for SocketIoService<S>
where
    S: Clone,
    St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Response = ();
    type Error = Refused<S, St>;
    type Future = Ready<Result<(), Refused<S, St>>>;

    fn call(&self, (stream, head): Upgraded<St>) -> Self::Future {
        ready(self.admit(stream, head))
    }
}
