//! The same server as `typed`, built with socketioxide and its adapters directly.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::serve::ListenerExt;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use socketioxide::{
    ParserConfig, SocketIo,
    adapter::Adapter,
    extract::{AckSender, Data, SocketRef},
    layer::SocketIoLayer,
};
use socketioxide_postgres::{PostgresAdapterCtr, SqlxAdapter, drivers::sqlx::sqlx_client::PgPool};
use socketioxide_redis::{RedisAdapter, RedisAdapterCtr};

/// Payload of the echo.
#[derive(Serialize, Deserialize)]
struct Note {
    id: u32,
    author: String,
    text: String,
    tags: Vec<String>,
}

#[derive(Default)]
struct Counts {
    seen: AtomicU64,
    late: AtomicU64,
}

const OTHERS: [&str; 44] = [
    "other01", "other02", "other03", "other04", "other05", "other06", "other07", "other08",
    "other09", "other10", "other11", "other12", "other13", "other14", "other15", "other16",
    "other17", "other18", "other19", "other20", "other21", "other22", "other23", "other24",
    "other25", "other26", "other27", "other28", "other29", "other30", "other31", "other32",
    "other33", "other34", "other35", "other36", "other37", "other38", "other39", "other40",
    "other41", "other42", "other43", "other44",
];

fn on_connect<A: Adapter>(socket: &SocketRef<A>, counts: Arc<Counts>) {
    socket.join("all");
    socket.on("echo", async |Data(note): Data<Note>, ack: AckSender<A>| {
        ack.send(&note).ok();
    });
    socket.on(
        "blob",
        async |Data(data): Data<Bytes>, ack: AckSender<A>| {
            ack.send(&data).ok();
        },
    );
    socket.on(
        "shout",
        async |socket: SocketRef<A>, Data(text): Data<String>| {
            let sent = socket.within("all").emit("heard", &text).await;
            sent.expect("every client reads");
        },
    );
    socket.on(
        "say",
        async |socket: SocketRef<A>, Data(text): Data<String>| {
            let sent = socket.broadcast().emit("heard", &text).await;
            sent.expect("the engine works");
        },
    );
    let number = counts.clone();
    socket.on("number", async move |Data(value): Data<u64>| {
        let seen = number.seen.fetch_add(1, Ordering::Relaxed);
        number
            .late
            .fetch_add(u64::from(value < seen), Ordering::Relaxed);
    });
    socket.on("numbers", async move |ack: AckSender<A>| {
        let seen = counts.seen.load(Ordering::Relaxed);
        let late = counts.late.load(Ordering::Relaxed);
        ack.send(&[(seen, late)]).ok();
    });
    for other in OTHERS {
        socket.on(other, async |Data(note): Data<Note>, ack: AckSender<A>| {
            ack.send(&(note.id > 0)).ok();
        });
    }
}

async fn serve<A: Adapter>(layer: SocketIoLayer<A>) -> anyhow::Result<()> {
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Node.js disables Nagle's algorithm, too.
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("it is open"));
    axum::serve(listener, app).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = env::args().nth(1).unwrap_or("memory://".to_owned());
    let builder = SocketIo::builder();
    let builder = match env::var_os("MSGPACK") {
        Some(_) => builder.with_parser(ParserConfig::msgpack()),
        None => builder.with_parser(ParserConfig::common()),
    };
    let counts = Arc::<Counts>::default();
    if url.starts_with("redis:") {
        let client = redis::Client::open(format!("{url}?protocol=resp3"))?;
        let adapter = RedisAdapterCtr::new_with_redis(&client).await?;
        let builder = builder.with_adapter::<RedisAdapter<_>>(adapter);
        let (layer, io) = builder.build_layer();
        io.ns("/", async move |socket: SocketRef<_>| {
            on_connect(&socket, counts)
        })
        .await?;
        serve(layer).await
    } else if url.starts_with("postgres:") {
        let pool = PgPool::connect(&url).await?;
        let adapter = PostgresAdapterCtr::new_with_sqlx(pool);
        let builder = builder.with_adapter::<SqlxAdapter<_>>(adapter);
        let (layer, io) = builder.build_layer();
        io.ns("/", async move |socket: SocketRef<_>| {
            on_connect(&socket, counts)
        })
        .await?;
        serve(layer).await
    } else {
        let (layer, io) = builder.build_layer();
        io.ns("/", async move |socket: SocketRef| {
            on_connect(&socket, counts)
        });
        serve(layer).await
    }
}
