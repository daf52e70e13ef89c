//! A chat: rooms, notifications, an administrators' panel and one workspace for each tenant.
//!
//! `PORT` chooses the port, 3000 unless set and any free one if 0. The page is served from `../page/dist`.

mod admin;
mod chat;
mod directory;
#[expect(
    unreachable_pub,
    reason = "written as an application's shared crate would be"
)]
mod events;
mod notifications;
mod rooms;
mod workspace;

use std::{
    path::Path,
    sync::Arc,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use sio_types::{MountError, prelude::*};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tracing_subscriber::EnvFilter;

use admin::AdminServer;
use chat::ChatServer;
use events::{
    Timestamp, admin::Admin, chat::Chat, notifications::Notifications, workspace::Workspace,
};
use notifications::NotificationServer;
use workspace::WorkspaceServer;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let (layer, io) = SocketIo::builder().build_layer();
    mount(&io)?;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../page/dist");
    let app = axum::Router::new()
        .fallback_service(ServeDir::new(page))
        .layer(layer);

    let listener = TcpListener::bind(("127.0.0.1", port()?)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

fn mount(io: &SocketIo) -> Result<(), MountError> {
    let rooms = Arc::default();
    let inbox = Arc::default();
    let admin = AdminServer {
        rooms: Arc::clone(&rooms),
        inbox: Arc::clone(&inbox),
        started: Instant::now(),
    };
    io.mount::<Admin, _>(admin.clone())?;
    io.mount::<Notifications, _>(NotificationServer {
        inbox: Arc::clone(&inbox),
    })?;
    io.mount::<Chat, _>(ChatServer { rooms, inbox })?;
    io.mount::<Workspace, _>(WorkspaceServer::default())?;
    tokio::spawn(admin.report(io.clone()));
    Ok(())
}

fn port() -> anyhow::Result<u16> {
    match std::env::var("PORT") {
        Ok(port) => port
            .parse()
            .with_context(|| format!("`PORT={port}` is not a port")),
        Err(_) => Ok(3000),
    }
}

fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |duration| duration.as_millis() as Timestamp)
}

/// For events that a client may miss: it asks for what it needs when it connects again.
fn log_failure(sent: Result<(), EmitError>) {
    if let Err(error) = sent {
        tracing::warn!(%error, "an event was not sent to everybody");
    }
}
