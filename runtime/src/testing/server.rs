//! What clients of a test connect to.

use std::{error::Error, net::SocketAddr, sync::Mutex};

use http::{Request, Response};
use http_body::Body;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as HyperService, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::io::{DuplexStream, duplex};
use tower_layer::Layer;
use tower_service::Service;

use crate::{http::layer::SocketIoLayer, upstream::NotFoundService};

/// How much may be on its way in one direction, in bytes.
const BUFFER: usize = 256 * 1024;

type Boxed = Box<dyn Error + Send + Sync>;

/// A server that clients of a test can connect to: any tower service that answers HTTP, such as an `axum::Router` with
/// the server's layer, or what [`build_service`](crate::Builder::build_service) gives; and a [`SocketIoLayer`] alone.
pub trait Server {
    /// The server, to be kept.
    #[doc(hidden)]
    fn door(&self) -> TestService;
}

/// Where connections go in.
pub struct TestService(Mutex<Box<Serve>>);

/// Serves HTTP to a client at an address.
type Serve = dyn Fn(DuplexStream, SocketAddr) + Send;

impl TestService {
    /// A connection that speaks HTTP, from an address.
    pub(super) fn open(&self, address: SocketAddr) -> DuplexStream {
        let (ours, theirs) = duplex(BUFFER);
        let serve = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        serve(theirs, address);
        ours
    }
}

impl<S, B> Server for S
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<Boxed>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<Boxed>> + Send + 'static,
{
    fn door(&self) -> TestService {
        let service = TowerToHyperService::new(self.clone());
        TestService(Mutex::new(Box::new(move |stream, address| {
            let service = service.clone();
            let service = service_fn(move |mut request| {
                note_address(&mut request, address);
                HyperService::call(&service, request)
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                if let Err(error) = connection.with_upgrades().await {
                    tracing::debug!(%error, "the connection of a test's client ended");
                }
            });
        })))
    }
}

impl Server for SocketIoLayer {
    fn door(&self) -> TestService {
        self.layer(NotFoundService).door()
    }
}

/// Notes where a client is, as `into_make_service_with_connect_info` does.
fn note_address(request: &mut Request<Incoming>, address: SocketAddr) {
    let extensions = request.extensions_mut();
    #[cfg(feature = "axum")]
    extensions.insert(axum::extract::ConnectInfo(address));
    extensions.insert(address);
}
