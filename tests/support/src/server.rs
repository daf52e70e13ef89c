//! A server on a free port.

use std::net::SocketAddr;

use sio_types::{Builder, SocketIo};

/// A running server. It ends with the test's runtime.
#[derive(Debug)]
pub struct Server {
    /// The address that the server listens on.
    pub address: SocketAddr,
    /// The handle to the server.
    pub io: SocketIo,
}

/// Serves the namespaces that `mount` mounts on a free port, under axum.
pub async fn serve(builder: Builder, mount: impl FnOnce(&SocketIo)) -> Server {
    serve_on(0, builder, mount).await
}

/// Serves the namespaces that `mount` mounts on a port.
pub async fn serve_on(port: u16, builder: Builder, mount: impl FnOnce(&SocketIo)) -> Server {
    let (layer, io) = builder.build_layer();
    mount(&io);
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("the port is free");
    let address = listener.local_addr().expect("the listener is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { address, io }
}
