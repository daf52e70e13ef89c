//! A relay by sio-types: what a client says, all others of the namespace hear. The first argument is the cluster's URL.

use sio_types::{Cluster, prelude::*};

#[events]
trait ToClient {
    fn heard(text: String);
}

#[events]
trait ToServer {
    fn say(text: String);
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ToClient, client_to_server = ToServer)]
struct App;

struct Server;

impl ToServer<Socket<App>> for Server {
    async fn say(&self, socket: Socket<App>, text: String) {
        let sent = socket.broadcast().emit().heard(&text).await;
        sent.expect("the engine works");
    }
}

impl Lifecycle<App> for Server {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).unwrap_or("memory://".to_owned());
    let cluster = Cluster::connect(&url).await?;
    let (layer, io) = SocketIo::builder().cluster(cluster).build_layer();
    io.mount::<App, _>(Server)?;
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
