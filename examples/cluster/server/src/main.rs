//! One of several servers that form one application.
//!
//! `cargo xtask cluster` starts all of them. Environment variables configure a server:
//!
//! - `REDIS_URL`: address of Redis
//! - `NAME`: name of this server
//! - `PORT`: port to listen on
//! - `PEERS`: ports of all servers, for the page

mod events;

use std::{
    env,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use axum::{Json, Router, http::StatusCode, routing::get};
use sio_types::{Broadcast, Cluster, ConnectError, Origins, prelude::*};
use tower_http::services::ServeDir;

use events::{App, ClientToServer, InterServer, Load, Login, Message, User};

/// State of this server.
#[derive(Clone)]
struct Server {
    name: String,
    banned: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn is_banned(&self, name: &str) -> bool {
        let banned = self.banned.lock().expect("nothing panics with it");
        banned.iter().any(|it| it == name)
    }

    /// Bans a user: the server rejects new connections with this name.
    fn ban(&self, name: &str) {
        let mut banned = self.banned.lock().expect("nothing panics with it");
        banned.push(name.to_owned());
    }

    fn load(&self, clients: usize) -> Load {
        Load {
            server: self.name.clone(),
            clients: u32::try_from(clients).unwrap_or(u32::MAX),
        }
    }
}

/// Returns the names of all members of the cluster, including this server, in order.
async fn members(server: Server, io: SocketIo) -> Result<Json<Vec<String>>, (StatusCode, String)> {
    let others = io.of(App).servers().timeout(Duration::from_secs(2));
    let loads = others.emit().load().await;
    // A server that has just left does not answer.
    let loads = loads.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    let mut names: Vec<_> = loads.into_iter().map(|load| load.server).collect();
    names.push(server.name);
    names.sort();
    Ok(Json(names))
}

/// Sends the list of connected users to all clients on all servers.
///
/// Several servers may do so at the same time. A server whose list changed meanwhile sends the new list, so that the
/// last list that a client receives is correct.
async fn tell_who_is_there(sockets: Broadcast<App>) {
    let mut told = None;
    loop {
        let members = match sockets.clone().members().await {
            Ok(members) => members,
            Err(error) => return eprintln!("nobody knows who is there: {error}"),
        };
        let mut users: Vec<_> = members.iter().map(|member| member.data().clone()).collect();
        users.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<_> = users.iter().map(|user| user.name.clone()).collect();
        if told.as_ref() == Some(&names) {
            return;
        }
        if let Err(error) = sockets.clone().emit().present(users).await {
            eprintln!("not everybody knows who is there: {error}");
        }
        told = Some(names);
    }
}

fn disconnect(sockets: Vec<Socket<App>>, name: &str) {
    for socket in sockets {
        if socket.data().name == name {
            // An error is ignored: the client may have disconnected already.
            let _ = socket.emit().banned("An administrator has banned you.");
            socket.disconnect();
        }
    }
}

impl Lifecycle<App> for Server {
    async fn authenticate(&self, _: &Handshake<App>, login: Login) -> Result<User, ConnectError> {
        if self.is_banned(&login.name) {
            return Err(ConnectError::new("banned"));
        }
        Ok(User {
            name: login.name,
            via: self.name.clone(),
        })
    }

    async fn connected(&self, socket: Socket<App>) {
        tell_who_is_there(socket.io().of(App)).await;
    }

    async fn disconnected(&self, socket: Socket<App>, _: DisconnectReason) {
        let sockets = socket.io().of(App).except(socket.id());
        tokio::spawn(tell_who_is_there(sockets));
    }
}

impl ClientToServer<Socket<App>> for Server {
    async fn say(&self, socket: Socket<App>, text: String) {
        let User { name, via } = socket.data().clone();
        let message = Message {
            author: name,
            text,
            via,
        };
        let everybody = socket.io().of(App);
        if let Err(error) = everybody.emit().message(&message).await {
            eprintln!("not everybody got a message: {error}");
        }
    }

    async fn ban(&self, socket: Socket<App>, name: String) -> Result<(), String> {
        let all = socket.io().of(App);
        let servers = all.servers();
        let told = servers.emit().user_banned(&name).await;
        told.map_err(|error| error.to_string())?;
        self.ban(&name);
        disconnect(all.local().sockets(), &name);
        Ok(())
    }

    async fn loads(&self, socket: Socket<App>) -> Result<Vec<Load>, String> {
        let all = socket.io().of(App);
        let others = all.servers().emit().load().await;
        let mut loads = others.map_err(|error| error.to_string())?;
        loads.push(self.load(all.local().sockets().len()));
        loads.sort_by(|a, b| a.server.cmp(&b.server));
        Ok(loads)
    }
}

impl InterServer<Peer<App>> for Server {
    async fn user_banned(&self, node: Peer<App>, name: String) {
        self.ban(&name);
        disconnect(node.sockets(), &name);
    }

    async fn load(&self, node: Peer<App>) -> Load {
        self.load(node.sockets().len())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://localhost".to_owned());
    let name = env::var("NAME").unwrap_or_else(|_| "alone".to_owned());
    let port: u16 = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let peers = env::var("PEERS").unwrap_or_else(|_| port.to_string());
    let peers: Vec<u16> = peers.split(',').map(str::parse).collect::<Result<_, _>>()?;

    // The page's worker is a Node.js server in this cluster.
    let cluster = Cluster::connect(&url).await?.node_interop("socket.io")?;
    // The page is served by another server, on another port.
    let builder = SocketIo::builder().cluster(cluster);
    let (layer, io) = builder.origins(Origins::local()).build_layer();
    let server = Server {
        name: name.clone(),
        banned: Arc::default(),
    };
    io.mount::<App, _>(server.clone())?;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../page/dist");
    let app = Router::new()
        .route("/peers", get(async || Json(peers)))
        .route("/members", get(async move || members(server, io).await))
        .fallback_service(ServeDir::new(page))
        .layer(layer);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.with_context(|| format!("port {port}"))?;
    println!("{name} listens on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
