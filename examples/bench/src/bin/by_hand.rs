//! The same relay as `typed`, by socketioxide and its adapters alone.

use socketioxide::{
    SocketIo,
    adapter::Adapter,
    extract::{Data, SocketRef},
    layer::SocketIoLayer,
};
use socketioxide_postgres::drivers::sqlx::sqlx_client::PgPool;
use socketioxide_postgres::{PostgresAdapterCtr, SqlxAdapter};
use socketioxide_redis::{RedisAdapter, RedisAdapterCtr};

async fn on_connect<A: Adapter>(socket: SocketRef<A>) {
    socket.on(
        "say",
        async |socket: SocketRef<A>, Data(text): Data<String>| {
            let sent = socket.broadcast().emit("heard", &text).await;
            sent.expect("the engine works");
        },
    );
}

async fn serve<A: Adapter>(layer: SocketIoLayer<A>) -> anyhow::Result<()> {
    let app = axum::Router::new().layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).unwrap_or("memory://".to_owned());
    if url.starts_with("redis:") {
        let client = redis::Client::open(format!("{url}?protocol=resp3"))?;
        let adapter = RedisAdapterCtr::new_with_redis(&client).await?;
        let builder = SocketIo::builder().with_adapter::<RedisAdapter<_>>(adapter);
        let (layer, io) = builder.build_layer();
        io.ns("/", on_connect).await?;
        serve(layer).await
    } else if url.starts_with("postgres:") {
        let pool = PgPool::connect(&url).await?;
        let adapter = PostgresAdapterCtr::new_with_sqlx(pool);
        let builder = SocketIo::builder().with_adapter::<SqlxAdapter<_>>(adapter);
        let (layer, io) = builder.build_layer();
        io.ns("/", on_connect).await?;
        serve(layer).await
    } else {
        let (layer, io) = SocketIo::new_layer();
        io.ns("/", on_connect);
        serve(layer).await
    }
}
