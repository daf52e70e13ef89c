//! Baseline without Socket.IO: a WebSocket server with serde, for the echo only.

use anyhow::{Context, Result};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};

/// Payload of the echo.
#[derive(Serialize, Deserialize)]
struct Note {
    id: u32,
    author: String,
    text: String,
    tags: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = serve(stream).await {
                eprintln!("{error:#}");
            }
        });
    }
}

async fn serve(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    // socketioxide uses the same size. The default of 128 kB is filled with zeros at every read.
    let config = WebSocketConfig::default().read_buffer_size(4096);
    let mut socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
    socket.send(Message::text("0{}")).await?;
    loop {
        // All received messages are answered before anything is written.
        let message = match socket.next().now_or_never() {
            Some(message) => message,
            None => {
                socket.flush().await?;
                socket.next().await
            }
        };
        match message {
            Some(Ok(Message::Text(text))) => socket.feed(Message::text(answer(&text)?)).await?,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Ok(()),
        }
    }
}

/// Returns the acknowledgement of `42<id>["echo",note]`, or the confirmation for a client that connects.
fn answer(text: &str) -> Result<String> {
    let Some(event) = text.strip_prefix("42") else {
        return Ok("40{}".to_owned());
    };
    let (id, arguments) = event.split_at(event.find('[').context("no arguments")?);
    let (_, note): (&str, Note) = serde_json::from_str(arguments)?;
    Ok(format!("43{id}{}", serde_json::to_string(&[note])?))
}
