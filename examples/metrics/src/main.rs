//! A server with observability: `/metrics` is for Prometheus, `/health` is for a load balancer, and `SIGTERM` shuts the
//! server down without losing work in progress.
//!
//! Run `cargo run -p metrics-server`, with `RUST_LOG=info,sio_types::span=debug` to add the client's span to log lines.

use std::{env, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sio_types::prelude::*;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Events from the server to its clients.
#[events]
trait ServerToClient {
    /// Another client said something.
    fn said(text: String);
    /// Asks the client for confirmation.
    fn confirm(question: String) -> bool;
}

/// Events from clients to the server.
#[events]
trait ClientToServer {
    /// Sends a text to all other clients.
    fn say(text: String) -> Result<(), String>;
    /// Waits for the given time.
    fn work(milliseconds: u32) -> ();
    /// Asks the client for confirmation in turn.
    fn sure() -> bool;
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
struct App;

struct Server;

impl ClientToServer<Socket<App>> for Server {
    async fn say(&self, socket: Socket<App>, text: String) -> Result<(), String> {
        let sent = socket.broadcast().emit().said(text).await;
        sent.map_err(|error| error.to_string())
    }

    async fn work(&self, _: Socket<App>, milliseconds: u32) {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
    }

    async fn sure(&self, socket: Socket<App>) -> bool {
        let question = socket.timeout(Duration::from_millis(300));
        question.emit().confirm("Sure?").await.unwrap_or(false)
    }
}

impl Lifecycle<App> for Server {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or(EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .init();
    // The recorder is installed before the server starts; metrics are lost without one.
    let metrics = record()?;
    let (layer, io) = SocketIo::builder().build_layer();
    io.mount::<App, _>(Server)?;

    let app = Router::new()
        .route("/metrics", get(async move || metrics.render()))
        .route("/health", get(health))
        .with_state(io.clone())
        .layer(layer);
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(end(io))
        .await?;
    Ok(())
}

/// Installs the recorder. Durations are buckets, which Prometheus can sum over servers.
fn record() -> anyhow::Result<PrometheusHandle> {
    const SECONDS: &[f64] = &[0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0];
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, SECONDS)?;
    Ok(builder.install_recorder()?)
}

/// Reports the health of the server. The status is 503 while the server does not accept new clients.
async fn health(State(io): State<SocketIo>) -> Response {
    let health = io.health();
    let status = match health.is_ready() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health)).into_response()
}

/// Waits for the signal and shuts the server down. Requests are answered meanwhile, and `/health` reports the drain.
async fn end(io: SocketIo) {
    if let Err(error) = stopped().await {
        eprintln!("cannot listen for signals: {error}");
        return std::future::pending().await;
    }
    io.shutdown(Duration::from_secs(10)).await;
}

#[cfg(unix)]
async fn stopped() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn stopped() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
