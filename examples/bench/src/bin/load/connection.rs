//! Raw WebSocket connections in one event loop, which cost less than the servers under load.

use std::{
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::packets::{Dialect, frame};

/// A WebSocket message from the server.
#[derive(Clone, Copy)]
pub(crate) enum Frame<'a> {
    Text(&'a [u8]),
    Binary(&'a [u8]),
}

impl<'a> Frame<'a> {
    pub(crate) fn payload(self) -> &'a [u8] {
        match self {
            Self::Text(payload) | Self::Binary(payload) => payload,
        }
    }
}

/// Behaviour of the clients.
pub(crate) trait Script {
    /// Handles a message on one connection.
    fn receive(
        &mut self,
        connection: usize,
        frame: Frame<'_>,
        outbox: &mut Outbox<'_>,
    ) -> Result<()>;

    /// Returns `true` if the loop may stop.
    fn is_done(&self) -> bool {
        false
    }
}

/// Output buffer of a script.
pub(crate) struct Outbox<'a> {
    own: &'a mut Vec<u8>,
    others: &'a mut Vec<(usize, Vec<u8>)>,
}

impl Outbox<'_> {
    /// Sends on the connection that received the message.
    pub(crate) fn answer(&mut self, frames: &[u8]) {
        self.own.extend_from_slice(frames);
    }

    /// Sends on another connection.
    pub(crate) fn send(&mut self, connection: usize, frames: &[u8]) {
        self.others.push((connection, frames.to_vec()));
    }
}

enum Phase {
    Connecting,
    Upgrading,
    /// Waiting for Engine.IO's `open`.
    Opening,
    /// Waiting for Socket.IO's `CONNECT`.
    Joining,
    Joined,
}

struct Connection {
    stream: TcpStream,
    phase: Phase,
    input: Vec<u8>,
    /// Number of bytes in `input` that have been read and not been consumed.
    filled: usize,
    output: Vec<u8>,
    dialect: Dialect,
}

/// All connections, and the event loop that drives them.
pub(crate) struct Connections {
    poll: Poll,
    all: Vec<Connection>,
    joined: usize,
    /// Data to send on connections other than the receiving one.
    others: Vec<(usize, Vec<u8>)>,
}

impl Connections {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            all: Vec::new(),
            joined: 0,
            others: Vec::new(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Opens this many more connections and joins the root namespace on each, at most `window` of them at the same
    /// time.
    pub(crate) fn open(
        &mut self,
        server: SocketAddr,
        dialect: Dialect,
        count: usize,
        window: usize,
    ) -> Result<()> {
        let target = self.all.len() + count;
        let deadline = Instant::now() + Duration::from_secs(120);
        while self.joined < target {
            ensure!(Instant::now() < deadline, "the server lets nobody in");
            while self.all.len() < target && self.all.len() - self.joined < window {
                self.start(server, dialect)?;
            }
            self.turn(&mut Ignore)?;
        }
        Ok(())
    }

    fn start(&mut self, server: SocketAddr, dialect: Dialect) -> Result<()> {
        let mut stream = TcpStream::connect(server)?;
        let token = Token(self.all.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, token, interest)?;
        self.all.push(Connection {
            stream,
            phase: Phase::Connecting,
            input: vec![0; 2048],
            filled: 0,
            output: Vec::new(),
            dialect,
        });
        Ok(())
    }

    /// Sends on one connection.
    pub(crate) fn send(&mut self, connection: usize, frames: &[u8]) -> Result<()> {
        let connection = &mut self.all[connection];
        connection.output.extend_from_slice(frames);
        connection.flush()
    }

    /// Runs the event loop until the deadline, or until the script is done.
    pub(crate) fn run(&mut self, script: &mut impl Script, deadline: Instant) -> Result<()> {
        while Instant::now() < deadline && !script.is_done() {
            self.turn(script)?;
        }
        Ok(())
    }

    fn turn(&mut self, script: &mut impl Script) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        match self
            .poll
            .poll(&mut events, Some(Duration::from_millis(100)))
        {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &events {
            let index = event.token().0;
            let connection = &mut self.all[index];
            if event.is_writable() {
                connection.greet()?;
                connection.flush()?;
            }
            if event.is_readable() {
                let was_joined = matches!(connection.phase, Phase::Joined);
                connection.read(index, script, &mut self.others)?;
                self.joined +=
                    usize::from(!was_joined && matches!(connection.phase, Phase::Joined));
            }
        }
        for (connection, frames) in std::mem::take(&mut self.others) {
            self.send(connection, &frames)?;
        }
        Ok(())
    }
}

struct Ignore;

impl Script for Ignore {
    fn receive(&mut self, _: usize, _: Frame<'_>, _: &mut Outbox<'_>) -> Result<()> {
        Ok(())
    }
}

impl Connection {
    /// Requests the upgrade once the connection is established.
    fn greet(&mut self) -> Result<()> {
        if !matches!(self.phase, Phase::Connecting) {
            return Ok(());
        }
        if let Some(error) = self.stream.take_error()? {
            bail!("cannot connect: {error}");
        }
        self.stream.set_nodelay(true)?;
        let host = self.stream.peer_addr()?;
        write!(
            self.output,
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Origin: http://{host}\r\nAccept-Language: en-GB,en;q=0.5\r\nUser-Agent: sio-types-bench\r\n\r\n"
        )?;
        self.phase = Phase::Upgrading;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let mut sent = 0;
        while sent < self.output.len() {
            match self.stream.write(&self.output[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("cannot send"),
            }
        }
        self.output.drain(..sent);
        Ok(())
    }

    fn read(
        &mut self,
        index: usize,
        script: &mut impl Script,
        others: &mut Vec<(usize, Vec<u8>)>,
    ) -> Result<()> {
        loop {
            if self.filled == self.input.len() {
                self.input.resize(self.input.len() * 2, 0);
            }
            let space = self.input.len() - self.filled;
            let count = match self.stream.read(&mut self.input[self.filled..]) {
                Ok(0) => bail!("the server has closed connection {index}"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("cannot receive"),
            };
            self.filled += count;
            self.take(index, script, others)?;
            // A short read has drained the socket, as with edge-triggered epoll.
            if count < space {
                break;
            }
        }
        self.flush()
    }

    /// Consumes all complete messages of the input.
    fn take(
        &mut self,
        index: usize,
        script: &mut impl Script,
        others: &mut Vec<(usize, Vec<u8>)>,
    ) -> Result<()> {
        let mut taken = 0;
        loop {
            let input = &self.input[taken..self.filled];
            if matches!(self.phase, Phase::Upgrading) {
                let Some(end) = input.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
                    break;
                };
                ensure!(
                    input.starts_with(b"HTTP/1.1 101"),
                    "the server does not upgrade"
                );
                taken += end + 4;
                self.phase = Phase::Opening;
                continue;
            }
            let Some((message, len)) = parse(input)? else {
                break;
            };
            taken += len;
            if message.payload() == b"2" {
                frame(&mut self.output, 1, b"3");
                continue;
            }
            match self.phase {
                Phase::Connecting | Phase::Upgrading => {}
                Phase::Opening => {
                    self.dialect.join(&mut self.output);
                    self.phase = Phase::Joining;
                }
                Phase::Joining => {
                    ensure!(
                        self.dialect.is_joined(message),
                        "the server refuses the namespace"
                    );
                    self.phase = Phase::Joined;
                }
                Phase::Joined => {
                    let own = &mut self.output;
                    script.receive(index, message, &mut Outbox { own, others })?;
                }
            }
        }
        self.input.copy_within(taken..self.filled, 0);
        self.filled -= taken;
        Ok(())
    }
}

/// Returns the first message of the input and its length including the header, if it is complete.
fn parse(input: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let [first, second, rest @ ..] = input else {
        return Ok(None);
    };
    let (len, head) = match (second, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (126, _) => return Ok(None),
        (127, _) => match rest.first_chunk::<8>() {
            Some(len) => (usize::try_from(u64::from_be_bytes(*len))?, 10),
            None => return Ok(None),
        },
        (len, _) => (usize::from(*len), 2),
    };
    let Some(payload) = input.get(head..head + len) else {
        return Ok(None);
    };
    let message = match first {
        0x81 => Frame::Text(payload),
        0x82 => Frame::Binary(payload),
        other => bail!("a frame of an unexpected kind: {other:#x}"),
    };
    Ok(Some((message, head + len)))
}

/// Parses the address from the `http://address` that a server printed.
pub(crate) fn address(url: &str) -> Result<SocketAddr, String> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    address
        .parse()
        .map_err(|error: std::net::AddrParseError| error.to_string())
}
