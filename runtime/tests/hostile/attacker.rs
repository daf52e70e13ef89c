//! Connections of untrusted clients, from the first byte to the last.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sio_types::Parser;
use sio_types_test_support::{
    raw_client::{POLLING, WEBSOCKET, encode_request, encode_upgrade, try_request},
    within,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};

use crate::{
    draw::Draw,
    frames,
    packets::{self, Message},
};

/// Maximum wait for an answer that may never come.
const SHORT: Duration = Duration::from_millis(20);

/// Opens one connection after the other until all attackers together have sent enough.
pub(crate) struct Attacker {
    pub(crate) server: SocketAddr,
    pub(crate) parser: Parser,
    pub(crate) draw: Draw,
    /// Number of frames, packets and requests that all attackers have sent.
    pub(crate) sent: Arc<AtomicUsize>,
}

impl Attacker {
    pub(crate) async fn run(mut self, enough: usize) {
        while self.sent.load(Ordering::Relaxed) < enough {
            // The server may end a connection at any time; the next one starts afresh.
            let _ = match self.draw.below(10) {
                0 => self.noise().await,
                1 | 2 => self.polling().await,
                3 => self.upgrade().await,
                _ => self.websocket().await,
            };
        }
    }

    fn count(&self, frames: usize) {
        self.sent.fetch_add(frames, Ordering::Relaxed);
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Opens a WebSocket without polling first.
    async fn websocket(&mut self) -> std::io::Result<()> {
        let mut stream = self.connect().await?;
        stream.write_all(&encode_upgrade(WEBSOCKET, &[])).await?;
        if self.draw.chance(3) {
            return Ok(());
        }
        let first = self.draw_first();
        self.speak(stream, first).await
    }

    /// Draws the first frames. Most connect to a namespace before they send anything else.
    fn draw_first(&mut self) -> Vec<u8> {
        match self.draw.below(20) {
            0 => Vec::new(),
            1 => [(); 2]
                .map(|()| frames::right(&packets::connect(self.parser)))
                .concat(),
            _ => frames::right(&packets::connect(self.parser)),
        }
    }

    /// Sends many frames over a WebSocket, and reads everything that the server sends.
    async fn speak(&mut self, stream: TcpStream, first: Vec<u8>) -> std::io::Result<()> {
        let (mut input, mut output) = stream.into_split();
        let reader: JoinHandle<_> = tokio::spawn(async move {
            let mut bytes = [0; 4096];
            while input.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
        });
        output.write_all(&first).await?;
        let is_slow = self.draw.chance(2);
        for _ in 0..self.draw.below(60) {
            if reader.is_finished() {
                break;
            }
            let (bytes, count) = self.draw_burst(if is_slow { 1 } else { 12 });
            let writing = async {
                match is_slow {
                    true => one_by_one(&mut output, &bytes).await,
                    false => output.write_all(&bytes).await,
                }
            };
            within("the server to read", writing).await?;
            self.count(count);
        }
        match self.draw.below(3) {
            0 => reader.abort(),
            1 => {
                output
                    .write_all(&frames::right(&Message::Text(b"41".to_vec())))
                    .await?
            }
            _ => {
                output.shutdown().await?;
                within("the end of a connection that the client has ended", reader).await?;
            }
        }
        Ok(())
    }

    /// Draws some frames, and returns their number as well.
    fn draw_burst(&mut self, most: usize) -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        let mut count = 0;
        for _ in 0..=self.draw.below(most) {
            for message in packets::draw(&mut self.draw, self.parser) {
                let (frames, more) = frames::draw(&mut self.draw, &message);
                bytes.extend(frames);
                count += more;
            }
        }
        (bytes, count)
    }

    /// Opens a polling session, with bodies that are valid, damaged or numerous.
    async fn polling(&mut self) -> std::io::Result<()> {
        let Some(session) = self.session().await? else {
            return Ok(());
        };
        for _ in 0..self.draw.below(20) {
            let (body, count) = self.draw_body();
            let sid = match self.draw.below(30) {
                0 => "AAAAAAAAAAAAAAAA",
                1 => "",
                2 => "%00%ff",
                _ => &session,
            };
            let request = post(sid, &body);
            // The next request does not wait until the server has answered this one.
            let answer = self.request(&request);
            if timeout(SHORT, answer).await.is_err() && self.draw.chance(50) {
                break;
            }
            self.count(count);
            if self.draw.chance(30) {
                let _ = timeout(SHORT, self.request(&get(&session))).await;
            }
        }
        if self.draw.chance(70) {
            self.request(&post(&session, b"1")).await?;
        }
        Ok(())
    }

    /// Upgrades a polling session to a WebSocket, or starts to.
    async fn upgrade(&mut self) -> std::io::Result<()> {
        let Some(session) = self.session().await? else {
            return Ok(());
        };
        let mut stream = self.connect().await?;
        let query = format!("{WEBSOCKET}&sid={session}");
        stream.write_all(&encode_upgrade(&query, &[])).await?;
        let probe = frames::right(&Message::Text(b"2probe".to_vec()));
        let done = frames::right(&Message::Text(b"5".to_vec()));
        let first = match self.draw.below(8) {
            0 => return Ok(()),
            1 => probe,
            2 => done,
            3 => probe[..self.draw.below(probe.len())].to_vec(),
            4 => [probe.clone(), probe].concat(),
            _ => [probe, done].concat(),
        };
        self.speak(stream, first).await
    }

    /// Opens a session that is connected to a namespace.
    async fn session(&mut self) -> std::io::Result<Option<String>> {
        let open = self.request(&get("")).await?;
        let session = open
            .split_once(r#""sid":""#)
            .and_then(|(_, rest)| rest.split('"').next());
        let Some(session) = session else {
            return Ok(None);
        };
        let body = body(&packets::connect(self.parser));
        self.request(&post(session, &body)).await?;
        self.count(2);
        Ok(Some(session.to_owned()))
    }

    fn draw_body(&mut self) -> (Vec<u8>, usize) {
        let mut bodies = Vec::new();
        for _ in 0..=self.draw.below(6) {
            let messages = packets::draw(&mut self.draw, self.parser);
            bodies.extend(messages.iter().map(body));
        }
        let separator: &[u8] = match self.draw.below(12) {
            0 => b"",
            1 => b"\x1e\x1e",
            2 => b"\n",
            3 => b"\xff",
            _ => b"\x1e",
        };
        let count = bodies.len();
        (bodies.join(separator), count)
    }

    /// Sends invalid requests, and requests for things that do not exist.
    async fn noise(&mut self) -> std::io::Result<()> {
        let mut stream = self.connect().await?;
        let requests = [
            "GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /socket.io/?EIO=4&transport=other HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET /socket.io/?EIO=4&EIO=3&transport=polling&transport=websocket HTTP/1.1\r\nhost: a\r\n\r\n",
            "PATCH /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\n\r\n",
            "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n40",
            "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n40",
            "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\ncontent-length: 18446744073709551615\r\n\r\n40",
        ];
        let mut bytes = match self.draw.below(3) {
            0 => self.draw.bytes(300),
            1 => encode_upgrade(WEBSOCKET, &[]),
            _ => self.draw.pick(&requests).as_bytes().to_vec(),
        };
        if self.draw.chance(50) {
            bytes.truncate(self.draw.below(bytes.len()));
        }
        match self.draw.chance(20) {
            true => one_by_one(&mut stream, &bytes).await?,
            false => stream.write_all(&bytes).await?,
        }
        self.count(1);
        if self.draw.chance(50) {
            let mut answer = [0; 1024];
            let _ = timeout(SHORT, stream.read(&mut answer)).await;
        }
        Ok(())
    }

    /// Sends a request, and returns the body of its response.
    async fn request(&self, request: &[u8]) -> std::io::Result<String> {
        Ok(try_request(self.server, request).await?.body)
    }
}

async fn one_by_one(
    output: &mut (impl AsyncWriteExt + Unpin),
    bytes: &[u8],
) -> std::io::Result<()> {
    for byte in bytes.iter().take(2000) {
        output.write_u8(*byte).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn get(session: &str) -> Vec<u8> {
    let session = match session {
        "" => String::new(),
        session => format!("&sid={session}"),
    };
    encode_request("GET", &format!("/socket.io/?{POLLING}{session}"), &[], "")
}

fn post(session: &str, body: &[u8]) -> Vec<u8> {
    let path = format!("/socket.io/?{POLLING}&sid={session}");
    encode_request("POST", &path, &[], body)
}

/// Encodes a message for the body of a request.
fn body(message: &Message) -> Vec<u8> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    match message {
        Message::Text(text) => text.clone(),
        Message::Binary(bytes) => format!("b{}", BASE64_STANDARD.encode(bytes)).into_bytes(),
    }
}
