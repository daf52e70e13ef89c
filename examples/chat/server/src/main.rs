//! A chat: rooms, notifications, an administrators' dashboard and one workspace for each tenant, on one server or on
//! several.
//!
//! The page is served from `../page/dist`. Environment variables configure the server:
//!
//! - `PORT`: port to listen on (default 3000; 0 selects a free one)
//! - `CLUSTER_URL`: address of the cluster (`memory://`, or a `redis://` address)
//! - `NAME`: name of this server
//! - `SECRET`: key that signs tokens
//! - `TOKEN_SECONDS`: lifetime of tokens in seconds
//! - `ORIGINS`: further origins that may connect (`https://a.example,https://b.example`)

mod admin;
mod app;
mod chat;
mod directory;
#[expect(
    unreachable_pub,
    reason = "written as an application's shared crate would be"
)]
mod events;
mod notifications;
mod store;
#[cfg(test)]
mod tests;
mod tokens;
mod workspace;

use std::{
    env,
    path::Path,
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};
use sio_types::{Builder, MountError, Origins, prelude::*};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tracing_subscriber::EnvFilter;

use app::App;
use events::{
    Timestamp, admin::Admin, chat::Chat, notifications::Notifications, workspace::Workspace,
};
use tokens::Tokens;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let cluster = Cluster::connect(&setting("CLUSTER_URL", "memory://".to_owned())?).await?;
    let tokens = Tokens::new(
        setting("SECRET", "for demonstrations only".to_owned())?,
        Duration::from_secs(setting("TOKEN_SECONDS", 300)?),
    );
    let name = setting("NAME", "alone".to_owned())?;
    let builder = SocketIo::builder().cluster(cluster).origins(origins()?);
    let (router, app) = build(builder, tokens, &name)?;
    let io = app.io.clone();
    app.catch_up().await;
    tokio::spawn(app.keep_up());

    let listener = TcpListener::bind(("127.0.0.1", setting("PORT", 3000)?)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router)
        .with_graceful_shutdown(end(io))
        .await?;
    Ok(())
}

/// Builds a server that is not listening yet.
fn build(builder: Builder, tokens: Tokens, name: &str) -> Result<(Router, App), MountError> {
    let (layer, io) = builder.build_layer();
    let app = App {
        io: io.clone(),
        store: Arc::default(),
        tokens: Arc::new(tokens),
        name: name.into(),
        started: Instant::now(),
    };
    io.mount::<Chat, _>(app.clone())?;
    io.mount::<Notifications, _>(app.clone())?;
    io.mount::<Admin, _>(app.clone())?;
    io.mount::<Workspace, _>(app.clone())?;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../page/dist");
    let router = Router::new()
        .route("/session", post(sign_in))
        .with_state(app.clone())
        .fallback_service(ServeDir::new(page))
        .layer(layer);
    Ok((router, app))
}

/// Waits for the shutdown signal and shuts the server down gracefully. The server answers pending requests, its clients
/// leave their rooms, which the other servers learn of, and reconnect to another server.
async fn end(io: SocketIo) {
    if let Err(error) = stopped().await {
        tracing::error!(%error, "cannot listen for signals");
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

/// Key that somebody signs in with.
#[derive(Deserialize)]
struct Key {
    key: String,
}

#[derive(Serialize)]
struct Session {
    token: String,
}

/// Issues a token for a key.
async fn sign_in(
    State(app): State<App>,
    Json(Key { key }): Json<Key>,
) -> Result<Json<Session>, StatusCode> {
    let person = directory::by_key(&key).ok_or(StatusCode::UNAUTHORIZED)?;
    let token = app.tokens.issue(person);
    Ok(Json(Session { token }))
}

/// Returns the allowed origins: the server's own, and those in `ORIGINS`.
fn origins() -> anyhow::Result<Origins> {
    let others = setting("ORIGINS", String::new())?;
    let others = others.split(',').filter(|origin| !origin.is_empty());
    Ok(Origins::same().or(Origins::list(others)?))
}

/// Reads an environment variable.
fn setting<T: FromStr>(name: &str, default: T) -> anyhow::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    match env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("`{name}={text}` cannot be used")),
        Err(_) => Ok(default),
    }
}

fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |duration| duration.as_millis() as Timestamp)
}

/// Logs the failure of an event that a client may miss: the client requests the current state when it reconnects.
fn log_failure(sent: Result<(), EmitError>) {
    if let Err(error) = sent {
        tracing::warn!(%error, "an event was not sent to everybody");
    }
}
