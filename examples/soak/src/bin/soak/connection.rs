//! Socket.IO connection of a client that writes its own packets.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

pub(crate) struct Connection {
    socket: WebSocketStream<TcpStream>,
    /// Packet whose attachments have not all arrived.
    begun: Option<Begun>,
}

struct Begun {
    text: String,
    missing: usize,
    attachments: Vec<Vec<u8>>,
}

/// Packet from the server.
pub(crate) enum Packet {
    Event(Vec<Value>),
    Answer(u64, Vec<Value>),
    Closed,
    Other,
}

impl Connection {
    pub(crate) async fn open(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{server}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
        let begun = None;
        let mut this = Self { socket, begun };
        ensure!(this.text().await?.starts_with('0'), "no welcome");
        this.write("40").await?;
        while !this.text().await?.starts_with("40") {}
        Ok(this)
    }

    pub(crate) async fn write(&mut self, text: impl Into<String>) -> Result<()> {
        Ok(self.socket.send(Message::text(text.into())).await?)
    }

    /// Joins a room and waits for the acknowledgement.
    pub(crate) async fn enter(&mut self, room: &str) -> Result<()> {
        self.emit(0, &[json!("enter"), json!(0), json!(room)], None)
            .await?;
        while !matches!(self.packet().await?, Packet::Answer(0, _)) {}
        Ok(())
    }

    /// Makes the server send 100 kB to everybody in the room `noise`.
    pub(crate) async fn make_noise(&mut self, number: u32) -> Result<()> {
        let event = [json!("noise"), json!(number), json!("noise"), json!(100)];
        let id = u64::from(number);
        self.emit(id, &event, None).await?;
        while !matches!(self.packet().await?, Packet::Answer(answered, _) if answered == id) {}
        Ok(())
    }

    pub(crate) async fn emit(
        &mut self,
        id: u64,
        event: &[Value],
        attachment: Option<&[u8]>,
    ) -> Result<()> {
        let event = serde_json::to_string(event)?;
        match attachment {
            None => self.write(format!("42{id}{event}")).await,
            Some(bytes) => {
                self.write(format!("451-{id}{event}")).await?;
                Ok(self.socket.send(Message::binary(bytes.to_vec())).await?)
            }
        }
    }

    /// Returns the next message; heartbeats are answered.
    pub(crate) async fn message(&mut self) -> Result<Message> {
        loop {
            let message = self.socket.next().await;
            match message.context("the connection is closed")?? {
                Message::Text(text) if text.as_str() == "2" => self.write("3").await?,
                Message::Close(_) => bail!("the connection is closed"),
                message => return Ok(message),
            }
        }
    }

    pub(crate) async fn text(&mut self) -> Result<String> {
        match self.message().await? {
            Message::Text(text) => Ok(text.to_string()),
            other => bail!("no text: {other:?}"),
        }
    }

    /// Returns the next packet, with an attachment appended to its arguments. A partial packet is kept if the future is
    /// dropped.
    pub(crate) async fn packet(&mut self) -> Result<Packet> {
        loop {
            match (self.message().await?, &mut self.begun) {
                (Message::Text(text), None) => {
                    let missing = attachments(&text)?;
                    if missing == 0 {
                        return packet(&text, Vec::new());
                    }
                    self.begun = Some(Begun {
                        text: text.to_string(),
                        missing,
                        attachments: Vec::new(),
                    });
                }
                (Message::Binary(bytes), Some(begun)) => {
                    begun.attachments.push(bytes.to_vec());
                    if begun.attachments.len() == begun.missing
                        && let Some(begun) = self.begun.take()
                    {
                        return packet(&begun.text, begun.attachments);
                    }
                }
                (message, _) => bail!("not in its place: {message:?}"),
            }
        }
    }
}

/// Returns the number of attachments that a packet announces.
fn attachments(text: &str) -> Result<usize> {
    let announced = text.strip_prefix("45").or(text.strip_prefix("46"));
    let count = announced.and_then(|packet| packet.split_once('-'));
    Ok(match count {
        Some((count, _)) => count.parse()?,
        None => 0,
    })
}

fn packet(text: &str, attachments: Vec<Vec<u8>>) -> Result<Packet> {
    let Some(packet) = text.strip_prefix('4') else {
        return Ok(Packet::Other);
    };
    let kind = packet.chars().next().context("an empty packet")?;
    let mut rest = &packet[1..];
    if !attachments.is_empty() {
        (_, rest) = rest.split_once('-').context("no count")?;
    }
    let json = rest.find('[').unwrap_or(rest.len());
    let id = rest[..json].parse::<u64>().ok();
    let mut arguments: Vec<Value> = match &rest[json..] {
        "" => Vec::new(),
        json => serde_json::from_str(json)?,
    };
    arguments.extend(attachments.into_iter().map(|bytes| json!(bytes)));
    Ok(match (kind, id) {
        ('2' | '5', _) => Packet::Event(arguments),
        ('3' | '6', Some(id)) => Packet::Answer(id, arguments),
        ('1', _) => Packet::Closed,
        _ => Packet::Other,
    })
}
