//! The server as a tower layer and service.

use std::{
    fmt,
    future::{Ready, ready},
    ops::ControlFlow,
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
};
use http_body::Body;
use hyper::{service::Service as HyperService, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use socketioxide::{layer, service};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer;
use tower_service::Service;
use tungstenite::handshake::derive_accept_key;

use super::{
    answer::{Answer, status},
    entrance::{Admitted, Entrance, NotTaken},
    head,
    link::Link,
    response::{HasBody, MaybeBody, ResponseFuture},
    stream::EventStream,
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
    /// Answers a request that is refused, or is to become a WebSocket; any other is for the engine, or for the service
    /// below.
    fn receive<B>(&self, request: Request<B>) -> ControlFlow<Answer, Admitted<B>> {
        if !self.entrance.is_asked(request.uri()) {
            let granted = None;
            return ControlFlow::Continue(Admitted { request, granted });
        }
        let Admitted { request, granted } = self.entrance.admit(request)?;
        match self.upgrade(request) {
            ControlFlow::Continue(request) => ControlFlow::Continue(Admitted { request, granted }),
            ControlFlow::Break(response) => ControlFlow::Break(response),
        }
    }

    /// Answers a request that is to become a WebSocket.
    fn upgrade<B>(&self, mut request: Request<B>) -> ControlFlow<Answer, Request<B>> {
        // Whatever is wrong with it, the engine will tell.
        let query = self.entrance.query(request.uri());
        let is_upgrade =
            query.is_some_and(|query| query.is_websocket) && request.method() == Method::GET;
        let key = request.headers().get(SEC_WEBSOCKET_KEY);
        let (true, Some(key)) = (is_upgrade && self.entrance.is_websocket_allowed(), key) else {
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
        let mut response = status(StatusCode::SWITCHING_PROTOCOLS, Answer::default());
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        ControlFlow::Break(response)
    }

    async fn complete(self, upgrade: OnUpgrade, head: Request<()>) {
        match upgrade.await {
            Ok(upgraded) => {
                if let Err(error) = self.take(TokioIo::new(upgraded), head) {
                    tracing::debug!(%error, "a WebSocket was refused");
                }
            }
            Err(error) => tracing::debug!(%error, "a connection could not become a WebSocket"),
        }
    }
}

impl<S: Clone> SocketIoService<S> {
    /// Lets a connection in that is a WebSocket already.
    fn admit<St>(&self, (stream, head): Upgraded<St>) -> Result<(), NotTaken>
    where
        St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match self.entrance.admit(head) {
            ControlFlow::Continue(admitted) => self.take(stream, admitted.request),
            ControlFlow::Break(answer) => Err(NotTaken::Refused(answer.status())),
        }
    }

    /// Hands a WebSocket to the engine.
    fn take<St>(&self, stream: St, head: Request<()>) -> Result<(), NotTaken>
    where
        St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let source = self.entrance.source(&head);
        // The engine's task keeps room for it in several places.
        let stream = Box::new(EventStream::new(
            stream,
            source,
            self.entrance.longest(),
            self.entrance.patience(),
        ));
        let begun = head.extensions().get::<Arc<Link>>().cloned();
        HyperService::call(&self.raw, (stream, head))
            .into_inner()
            .map_err(|error| NotTaken::Malformed(error.to_string()))?;
        if let Some(link) = begun {
            link.open();
        }
        Ok(())
    }
}

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
        match self.receive(request) {
            ControlFlow::Break(answer) => ResponseFuture::answered(answer),
            ControlFlow::Continue(Admitted { request, granted }) => {
                ResponseFuture::other(Service::call(&mut self.raw, request), granted)
            }
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
        match self.receive(request) {
            ControlFlow::Break(answer) => ResponseFuture::answered(answer),
            ControlFlow::Continue(Admitted { request, granted }) => {
                ResponseFuture::other(HyperService::call(&self.raw, request), granted)
            }
        }
    }
}

impl<S, St> Service<Upgraded<St>> for SocketIoService<S>
where
    S: Clone,
    St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Response = ();
    type Error = NotTaken;
    type Future = Ready<Result<(), NotTaken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, upgraded: Upgraded<St>) -> Self::Future {
        ready(self.admit(upgraded))
    }
}

impl<S, St> HyperService<Upgraded<St>> for SocketIoService<S>
where
    S: Clone,
    St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Response = ();
    type Error = NotTaken;
    type Future = Ready<Result<(), NotTaken>>;

    fn call(&self, upgraded: Upgraded<St>) -> Self::Future {
        ready(self.admit(upgraded))
    }
}
