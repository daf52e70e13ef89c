//! A chat in one file. Run `cargo run -p quickstart`, then `npm ci` and `npm start` in `client`.

use sio_types::prelude::*;

#[payload]
struct Message {
    author: String,
    text: String,
}

#[payload]
#[serde(rename_all = "camelCase")]
enum PostError {
    Empty,
}

#[events]
trait ServerToClient {
    /// Another client posted a message.
    fn message(message: Message);
}

#[events]
trait ClientToServer {
    /// Posts a message. Returns the number of clients that receive it.
    fn post(message: Message) -> Result<u32, PostError>;
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ServerToClient, client_to_server = ClientToServer)]
struct App;

struct Server;

impl Lifecycle<App> for Server {}

impl ClientToServer<Socket<App>> for Server {
    async fn post(&self, socket: Socket<App>, message: Message) -> Result<u32, PostError> {
        if message.text.is_empty() {
            return Err(PostError::Empty);
        }
        let others = socket.broadcast();
        let count = others.clone().sockets().len() as u32;
        others.emit().message(&message).await.ok();
        Ok(count)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (layer, io) = SocketIo::builder().build_layer();
    io.mount::<App, _>(Server)?;
    let app = axum::Router::new().layer(layer);

    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
