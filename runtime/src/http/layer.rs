//! The server as a tower layer and service.

#![allow(
    clippy::result_large_err,
    reason = "the error is the response to the client"
)]

use std::{
    fmt,
    future::{Ready, ready},
    ops::ControlFlow,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
};
use http_body::Body;
use hyper::{service::Service as HyperService, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_layer::Layer;
use tower_service::Service;
use tungstenite::handshake::derive_accept_key;

use super::{
    admission::{Admission, RequestKind, UpgradeError},
    cors::Granted,
    polling,
    query::as_websocket,
    request_head as head,
    response_future::{ResponseBody, ResponseFuture},
    responses::{HttpResponse, payload, status},
};
use crate::{
    connection::{
        carrier::Carrier,
        connection::Connection,
        polling::{BoxedStream, Probe},
        protocol_error::ProtocolError,
        session_token::Token,
        stream::{EventStream, Open, open_frame},
        upgrade,
    },
    protocol::TransportType,
    upstream::{Adapter, NotFoundService, layer, service},
};

/// socketioxide's service, which sees every connection as a WebSocket.
type Engine = service::SocketIoService<NotFoundService, Adapter>;

/// Connection that is already a WebSocket, and the head of the request that opened it.
type Upgraded<St> = (St, Request<()>);

/// The server as a tower layer, made by [`Builder::build_layer`](crate::Builder::build_layer). It handles requests to
/// Socket.IO's path and passes all others to the inner service.
///
/// ```
/// use axum::{Router, routing::get};
/// use sio_types::SocketIo;
///
/// let (layer, io) = SocketIo::builder().build_layer();
/// let app: Router = Router::new().route("/", get(|| async { "Hello" })).layer(layer);
/// ```
///
/// Layers that are added to a router after this one, such as tracing, receive Socket.IO's requests as well.
#[derive(Clone)]
pub struct SocketIoLayer {
    sessions: Sessions,
}

impl SocketIoLayer {
    pub(crate) fn new(raw: &layer::SocketIoLayer<Adapter>, admission: Arc<Admission>) -> Self {
        let engine = raw.layer(NotFoundService);
        Self {
            sessions: Sessions { engine, admission },
        }
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
        SocketIoService {
            sessions: self.sessions.clone(),
            inner,
        }
    }
}

/// The server as a tower and hyper service around another one, made by
/// [`Builder::build_service`](crate::Builder::build_service) and
/// [`build_with_inner_service`](crate::Builder::build_with_inner_service).
///
/// It accepts requests, and also connections that are already WebSockets, each with the head of the request that opened
/// it. The service returns an [`UpgradeError`] for a WebSocket that it rejects.
#[derive(Clone)]
pub struct SocketIoService<S> {
    sessions: Sessions,
    inner: S,
}

impl<S> SocketIoService<S> {
    pub(crate) fn new(engine: Engine, admission: Arc<Admission>, inner: S) -> Self {
        Self {
            sessions: Sessions { engine, admission },
            inner,
        }
    }
}

impl<S> fmt::Debug for SocketIoService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIoService").finish_non_exhaustive()
    }
}

/// Opens and upgrades the sessions of a server.
#[derive(Clone)]
struct Sessions {
    engine: Engine,
    admission: Arc<Admission>,
}

impl Sessions {
    fn matches_path<B>(&self, request: &Request<B>) -> bool {
        self.admission.matches_path(request.uri())
    }

    /// Responds to a request to Socket.IO's path.
    fn respond<B, F>(&self, request: Request<B>) -> ResponseFuture<F>
    where
        B: Body<Data: Send, Error: Send> + Send + Unpin + 'static,
    {
        let granted = match self.admission.check_origin(&request) {
            ControlFlow::Continue(granted) => granted,
            ControlFlow::Break(answer) => return ResponseFuture::answered(answer, None),
        };
        match self.admission.read(&request) {
            Ok(kind) => self.answer(kind, request, granted),
            Err(answer) => ResponseFuture::answered(answer, granted),
        }
    }

    fn answer<B, F>(
        &self,
        kind: RequestKind,
        request: Request<B>,
        granted: Option<Granted>,
    ) -> ResponseFuture<F>
    where
        B: Body<Data: Send, Error: Send> + Send + Unpin + 'static,
    {
        let answer = match kind {
            RequestKind::Get(connection) => {
                return ResponseFuture::answering(polling::get(connection), granted);
            }
            RequestKind::Post(connection) => {
                let posting = polling::post(connection, request.into_body());
                return ResponseFuture::answering(posting, granted);
            }
            RequestKind::Open => self.open(request),
            RequestKind::Connect => self.connect(request),
            RequestKind::Upgrade(connection) => self.upgrade(connection, request),
        };
        ResponseFuture::answered(answer.unwrap_or_else(|refused| refused), granted)
    }

    /// Opens a session with polling.
    fn open<B>(&self, request: Request<B>) -> Result<HttpResponse, HttpResponse> {
        let (request, connection, token) = self.admission.open(request)?;
        let head = as_websocket(head::compact(request));
        self.take::<BoxedStream>(Carrier::Polling, connection, Open::Sent, head)
            .map_err(|_| ProtocolError::BadRequest.answer())?;
        let packet = self.admission.open_packet(&token, TransportType::Polling);
        Ok(payload(packet.into()))
    }

    /// Opens a session with a WebSocket.
    fn connect<B>(&self, mut request: Request<B>) -> Result<HttpResponse, HttpResponse> {
        let (answer, upgrade) = switch_protocols(&mut request)?;
        let (request, connection) = self.admission.connect(request)?;
        let head = head::compact(request);
        let this = self.clone();
        tokio::spawn(async move {
            match upgrade.await {
                Ok(upgraded) => {
                    if let Err(error) = this.begin(TokioIo::new(upgraded), connection, head) {
                        tracing::debug!(%error, "WebSocket rejected");
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "WebSocket upgrade failed");
                }
            }
        });
        Ok(answer)
    }

    /// Upgrades a session to a WebSocket.
    fn upgrade<B>(
        &self,
        connection: Arc<Connection>,
        mut request: Request<B>,
    ) -> Result<HttpResponse, HttpResponse> {
        let (answer, upgrade) = switch_protocols(&mut request)?;
        let limit = self.admission.times().upgrade;
        // As in Node, a second WebSocket is closed immediately.
        let probe = Probe::begin(&connection);
        tokio::spawn(async move {
            let upgraded = tokio::time::timeout(limit, upgrade).await;
            match (upgraded, probe) {
                (Ok(Ok(upgraded)), Some(probe)) => {
                    upgrade::run(probe, Box::new(TokioIo::new(upgraded)), limit).await;
                }
                (Ok(Ok(_)), None) => {
                    tracing::debug!("upgrade rejected: the session already has a WebSocket")
                }
                (Ok(Err(error)), _) => tracing::debug!(%error, "upgrade failed"),
                (Err(_), _) => tracing::debug!(?limit, "upgrade timed out"),
            }
        });
        Ok(answer)
    }

    /// Accepts a connection that is already a WebSocket.
    fn admit<St>(&self, (stream, head): Upgraded<St>) -> Result<(), UpgradeError>
    where
        St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let refused = |answer: HttpResponse| UpgradeError::Refused(answer.status());
        if let ControlFlow::Break(answer) = self.admission.check_origin(&head) {
            return Err(refused(answer));
        }
        match self.admission.read(&head).map_err(refused)? {
            RequestKind::Connect => {
                let (head, connection) = self.admission.connect(head).map_err(refused)?;
                self.begin(stream, connection, head)
            }
            RequestKind::Upgrade(connection) => {
                let probe = Probe::begin(&connection)
                    .ok_or(UpgradeError::Refused(StatusCode::BAD_REQUEST))?;
                let limit = self.admission.times().upgrade;
                tokio::spawn(upgrade::run(probe, Box::new(stream), limit));
                Ok(())
            }
            _ => Err(UpgradeError::Refused(StatusCode::BAD_REQUEST)),
        }
    }

    /// Hands a session that starts with a WebSocket to the engine.
    fn begin<St>(
        &self,
        stream: St,
        connection: Arc<Connection>,
        head: Request<()>,
    ) -> Result<(), UpgradeError>
    where
        St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // A session without polling is not in the registry, so no request can name it; the token only fills the OPEN
        // packet.
        let token = Token::random();
        let packet = self.admission.open_packet(&token, TransportType::Websocket);
        let open = Open::Send(open_frame(&packet));
        self.take(Carrier::WebSocket(stream), connection, open, head)
    }

    /// Hands a session to the engine.
    fn take<St>(
        &self,
        carrier: Carrier<St>,
        connection: Arc<Connection>,
        open: Open,
        head: Request<()>,
    ) -> Result<(), UpgradeError>
    where
        St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // Boxed, because the engine's task reserves space for the stream in several places.
        let stream = Box::new(EventStream::new(
            carrier,
            connection.clone(),
            open,
            self.admission.longest(),
            self.admission.times().ping_timeout,
        ));
        HyperService::call(&self.engine, (stream, head))
            .into_inner()
            .map_err(|error| UpgradeError::Malformed(error.to_string()))?;
        connection.open();
        Ok(())
    }
}

/// Creates the response that switches a request to the WebSocket protocol.
fn switch_protocols<B>(
    request: &mut Request<B>,
) -> Result<(HttpResponse, OnUpgrade), HttpResponse> {
    let key = request.headers().get(SEC_WEBSOCKET_KEY);
    let key = key.ok_or_else(|| ProtocolError::BadRequest.answer())?;
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
    let accept = accept.map_err(|_| ProtocolError::BadRequest.answer())?;
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(|| ProtocolError::BadRequest.answer())?;
    let mut answer = status(StatusCode::SWITCHING_PROTOCOLS, HttpResponse::default());
    let headers = answer.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok((answer, upgrade))
}

impl<S, RequestBody, B> Service<Request<RequestBody>> for SocketIoService<S>
where
    S: Service<Request<RequestBody>, Response = Response<B>>,
    RequestBody: Body<Data: Send, Error: Send> + Send + Unpin + 'static,
    B: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        match self.sessions.matches_path(&request) {
            true => self.sessions.respond(request),
            false => ResponseFuture::other(self.inner.call(request)),
        }
    }
}

impl<S, RequestBody, B> HyperService<Request<RequestBody>> for SocketIoService<S>
where
    S: HyperService<Request<RequestBody>, Response = Response<B>>,
    RequestBody: Body<Data: Send, Error: Send> + Send + Unpin + 'static,
    B: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn call(&self, request: Request<RequestBody>) -> Self::Future {
        match self.sessions.matches_path(&request) {
            true => self.sessions.respond(request),
            false => ResponseFuture::other(self.inner.call(request)),
        }
    }
}

impl<S, St> Service<Upgraded<St>> for SocketIoService<S>
where
    St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Response = ();
    type Error = UpgradeError;
    type Future = Ready<Result<(), UpgradeError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, upgraded: Upgraded<St>) -> Self::Future {
        ready(self.sessions.admit(upgraded))
    }
}

impl<S, St> HyperService<Upgraded<St>> for SocketIoService<S>
where
    St: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Response = ();
    type Error = UpgradeError;
    type Future = Ready<Result<(), UpgradeError>>;

    fn call(&self, upgraded: Upgraded<St>) -> Self::Future {
        ready(self.sessions.admit(upgraded))
    }
}
