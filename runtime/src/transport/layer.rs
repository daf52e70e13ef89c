//! The server as a tower layer and service.

use std::{
    borrow::Cow,
    fmt,
    future::{Ready, ready},
    pin::Pin,
    sync::Arc,
    task::{self, Context, Poll},
};

use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use hyper::{service::Service as HyperService, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use pin_project_lite::pin_project;
use socketioxide::{layer, service};
use socketioxide_core::Sid;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    head,
    link::Links,
    stream::{EventStream, Source},
};
use crate::cluster::Adapter;

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

    /// Takes the upgrade to a WebSocket out of a request, for which the engine would otherwise wait itself.
    fn intercept<B>(&self, request: &mut Request<B>) -> Option<Upgrade<S>> {
        let query = self.entrance.query(request.uri())?;
        if query.session.is_none() {
            // The handshake is kept with its extensions.
            request.extensions_mut().insert(self.entrance.links.begin());
        }
        if !query.is_websocket {
            return None;
        }
        Some(Upgrade {
            connection: request.extensions_mut().remove()?,
            head: head::copy(request),
            service: self.clone(),
        })
    }

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
                Source::Known(extensions.get_or_insert_with(|| links.begin()).clone())
            }
        };
        let stream = EventStream::new(stream, source);
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
    pub(crate) fn of(io: &socketioxide::SocketIo<Adapter>) -> Arc<Self> {
        Arc::new(Self {
            path: io.config().engine_config.req_path.clone(),
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

/// A WebSocket to be.
struct Upgrade<S: Clone> {
    connection: OnUpgrade,
    head: Request<()>,
    service: SocketIoService<S>,
}

impl<S: Clone + Send + Sync + 'static> Upgrade<S> {
    async fn complete(self) {
        match self.connection.await {
            Ok(upgraded) => {
                if let Err(error) = self.service.admit(TokioIo::new(upgraded), self.head) {
                    tracing::debug!(%error, "a WebSocket was refused");
                }
            }
            Err(error) => tracing::debug!(%error, "a connection could not become a WebSocket"),
        }
    }
}

pin_project! {
    /// The response to a request of Socket.IO's path, or that of the service below.
    pub struct ResponseFuture<F, S: Clone> {
        #[pin]
        response: F,
        upgrade: Option<Upgrade<S>>,
    }
}

impl<F, S, B, E> Future for ResponseFuture<F, S>
where
    F: Future<Output = Result<Response<B>, E>>,
    S: Clone + Send + Sync + 'static,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = task::ready!(this.response.poll(context))?;
        if let Some(upgrade) = this.upgrade.take()
            && response.status() == StatusCode::SWITCHING_PROTOCOLS
        {
            tokio::spawn(upgrade.complete());
        }
        Poll::Ready(Ok(response))
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for SocketIoService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>
        + Clone
        + Send
        + Sync
        + 'static,
    RequestBody: Body<Data: Send, Error: fmt::Debug> + Send + Unpin + fmt::Debug + 'static,
    ResponseBody: Body + Send + 'static,
{
    type Response = <Raw<S> as Service<Request<RequestBody>>>::Response;
    type Error = S::Error;
    type Future = ResponseFuture<<Raw<S> as Service<Request<RequestBody>>>::Future, S>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::<Request<RequestBody>>::poll_ready(&mut self.raw, context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let upgrade = self.intercept(&mut request);
        let response = Service::call(&mut self.raw, request);
        ResponseFuture { response, upgrade }
    }
}

impl<S, RequestBody, ResponseBody> HyperService<Request<RequestBody>> for SocketIoService<S>
where
    S: HyperService<Request<RequestBody>, Response = Response<ResponseBody>>
        + Clone
        + Send
        + Sync
        + 'static,
    RequestBody: Body<Data: Send, Error: fmt::Debug> + Send + Unpin + fmt::Debug + 'static,
    ResponseBody: Body + Send + 'static,
{
    type Response = <Raw<S> as HyperService<Request<RequestBody>>>::Response;
    type Error = S::Error;
    type Future = ResponseFuture<<Raw<S> as HyperService<Request<RequestBody>>>::Future, S>;

    fn call(&self, mut request: Request<RequestBody>) -> Self::Future {
        let upgrade = self.intercept(&mut request);
        let response = HyperService::call(&self.raw, request);
        ResponseFuture { response, upgrade }
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
