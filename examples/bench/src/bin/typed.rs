//! The benchmark server, built with sio-types. The first argument is the URL of the cluster.

use std::{
    env,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::serve::ListenerExt;
use sio_types::{Cluster, Parser, SocketIo, prelude::*};

/// Payload of the echo.
#[payload]
struct Note {
    id: u32,
    author: String,
    text: String,
    tags: Vec<String>,
}

#[events]
trait ToClient {
    fn heard(text: String);
}

/// The measured events and others, 50 in all.
macro_rules! events {
    ($($other:ident)*) => {
        #[events]
        trait ToServer {
            fn echo(note: Note) -> Note;
            fn blob(data: Binary) -> Binary;
            fn shout(text: String);
            fn say(text: String);
            fn number(number: u64);
            fn numbers() -> (u64, u64);
            $(fn $other(note: Note) -> bool;)*
        }

        impl ToServer<Socket<App>> for Server {
            async fn echo(&self, _: Socket<App>, note: Note) -> Note {
                note
            }

            async fn blob(&self, _: Socket<App>, data: Binary) -> Binary {
                data
            }

            async fn shout(&self, socket: Socket<App>, text: String) {
                let sent = socket.within("all").emit().heard(&text).await;
                sent.expect("every client reads");
            }

            async fn say(&self, socket: Socket<App>, text: String) {
                let sent = socket.broadcast().emit().heard(&text).await;
                sent.expect("the engine works");
            }

            async fn number(&self, _: Socket<App>, number: u64) {
                let seen = self.seen.fetch_add(1, Ordering::Relaxed);
                self.late.fetch_add(u64::from(number < seen), Ordering::Relaxed);
            }

            async fn numbers(&self, _: Socket<App>) -> (u64, u64) {
                (self.seen.load(Ordering::Relaxed), self.late.load(Ordering::Relaxed))
            }

            $(async fn $other(&self, _: Socket<App>, note: Note) -> bool {
                note.id > 0
            })*
        }
    };
}

events! {
    other01 other02 other03 other04 other05 other06 other07 other08 other09 other10 other11
    other12 other13 other14 other15 other16 other17 other18 other19 other20 other21 other22
    other23 other24 other25 other26 other27 other28 other29 other30 other31 other32 other33
    other34 other35 other36 other37 other38 other39 other40 other41 other42 other43 other44
}

#[derive(Events)]
#[events(namespace = "/", server_to_client = ToClient, client_to_server = ToServer)]
struct App;

#[derive(Default)]
struct Server {
    seen: AtomicU64,
    late: AtomicU64,
}

impl Lifecycle<App> for Server {
    async fn connected(&self, socket: Socket<App>) {
        socket.join("all");
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = env::args().nth(1).unwrap_or("memory://".to_owned());
    let parser = match env::var_os("MSGPACK") {
        Some(_) => Parser::Msgpack,
        None => Parser::Common,
    };
    let cluster = Cluster::connect(&url).await?;
    let (layer, io) = SocketIo::builder()
        .parser(parser)
        .cluster(cluster)
        .build_layer();
    io.mount::<App, _>(Server::default())?;
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Node.js disables Nagle's algorithm, too.
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("it is open"));
    axum::serve(listener, app).await?;
    Ok(())
}
