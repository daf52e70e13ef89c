//! Servers that test clients connect to.

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

/// Capacity of a connection in each direction, in bytes.
const BUFFER: usize = 256 * 1024;

type Boxed = Box<dyn Error + Send + Sync>;

/// A server that test clients can connect to. Implemented for every tower service that answers HTTP, such as an
/// `axum::Router` with the server's layer or the result of [`build_service`](crate::Builder::build_service), and for a
/// [`SocketIoLayer`] alone.
pub trait Server {
    /// Returns the server in a form that connections keep.
    #[doc(hidden)]
    fn door(&self) -> TestService;
}

/// The server's side of test connections.
pub struct TestService(Mutex<Box<Serve>>);

/// A function that serves HTTP to a client at an address.
type Serve = dyn Fn(DuplexStream, SocketAddr) + Send;

impl TestService {
    /// Opens an HTTP connection from an address.
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
                    tracing::debug!(%error, "test connection closed");
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

/// Records a client's address, like `into_make_service_with_connect_info`.
fn note_address(request: &mut Request<Incoming>, address: SocketAddr) {
    let extensions = request.extensions_mut();
    #[cfg(feature = "axum")]
    extensions.insert(axum::extract::ConnectInfo(address));
    extensions.insert(address);
}
