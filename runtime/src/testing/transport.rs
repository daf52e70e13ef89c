//! The WebSocket to the server, which all clients of a connection share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::{
    SinkExt, StreamExt,
    future::{Either, select},
    stream::{SplitSink, SplitStream},
};
use tokio::{io::DuplexStream, sync::mpsc, task::JoinHandle};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message as Frame};

use super::{
    codec::Codec,
    failure::{Failure, Problem},
    inbox::{Disconnected, Inbox, Incoming, Phase, Received, State},
};
use crate::{
    upstream::{Packet, client::PacketData},
    wire::message::Message,
};

/// Prefix of namespaces that no server has. Each barrier uses one of them.
const BARRIER: &str = "/sio-types/testing/barrier/";

/// Interval between two requests of a barrier. The server drops the answer while its send buffer is full.
const AGAIN: Duration = Duration::from_millis(100);

type WebSocket = WebSocketStream<DuplexStream>;

pub(super) struct Transport {
    pub(super) codec: Codec,
    pub(super) received: Arc<Received>,
    outgoing: mpsc::UnboundedSender<Vec<Frame>>,
    tasks: [JoinHandle<()>; 2],
    next: AtomicI64,
}

impl Transport {
    pub(super) fn new(socket: WebSocket, codec: Codec) -> Self {
        let (sink, stream) = socket.split();
        let (outgoing, to_send) = mpsc::unbounded_channel();
        let received = Arc::new(Received::default());
        let reader = Reader {
            codec: codec.clone(),
            received: received.clone(),
            outgoing: outgoing.clone(),
        };
        Self {
            codec,
            received,
            outgoing,
            tasks: [
                tokio::spawn(write(sink, to_send)),
                tokio::spawn(reader.run(stream)),
            ],
            next: AtomicI64::new(0),
        }
    }

    pub(super) fn next_number(&self) -> i64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Queues a packet. If the connection has ended, the packet is dropped, and waiting operations fail because of
    /// `end`.
    pub(super) fn send(&self, packet: Packet) {
        // The frames of a packet are one item, so that nothing comes between a packet and its attachments.
        let _ = self.outgoing.send(self.codec.frames(packet));
    }

    pub(super) fn is_over(&self) -> bool {
        self.received.state().end.is_some()
    }

    /// Resolves when the server has read everything that was sent, and everything that it had passed to the connection
    /// by then has arrived.
    ///
    /// It connects to a namespace that the server does not have. The server reads one message after the other, and its
    /// answer arrives behind the events.
    pub(super) async fn barrier(&self, wanted: &str, timeout: Duration) -> Result<(), Failure> {
        let number = self.next_number();
        let ask = async {
            loop {
                self.send(Packet::connect(format!("{BARRIER}{number}"), None));
                tokio::time::sleep(AGAIN).await;
            }
        };
        let passed = self.received.wait(timeout, |state| match &state.end {
            _ if state.passed.remove(&number) => Some(Ok(())),
            Some(end) => Some(Err(Problem::Unreachable(end.clone()))),
            None => None,
        });
        let passed = match select(std::pin::pin!(passed), std::pin::pin!(ask)).await {
            Either::Left((passed, _)) => passed.unwrap_or(Err(Problem::TimedOut(timeout))),
            Either::Right((never, _)) => never,
        };
        passed.map_err(|problem| Failure::new(wanted, problem))
    }

    /// Ends the connection without notifying the server.
    pub(super) fn cut(&self) {
        for task in &self.tasks {
            task.abort();
        }
        self.received
            .change(|state| end(state, "the client aborted it"));
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn end(state: &mut State, reason: &str) {
    state.end.get_or_insert_with(|| reason.to_owned());
    state.namespaces.values_mut().for_each(Inbox::lose);
}

async fn write(
    mut sink: SplitSink<WebSocket, Frame>,
    mut packets: mpsc::UnboundedReceiver<Vec<Frame>>,
) {
    while let Some(frames) = packets.recv().await {
        for frame in frames {
            // The reader reports the reason.
            if sink.send(frame).await.is_err() {
                return;
            }
        }
    }
}

/// The task that receives from the server.
struct Reader {
    codec: Codec,
    received: Arc<Received>,
    outgoing: mpsc::UnboundedSender<Vec<Frame>>,
}

impl Reader {
    async fn run(self, mut stream: SplitStream<WebSocket>) {
        let reason = loop {
            match stream.next().await {
                Some(Ok(frame)) => {
                    if let Err(reason) = self.frame(frame) {
                        break reason;
                    }
                }
                Some(Err(error)) => break error.to_string(),
                None => break "the server closed it".to_owned(),
            }
        };
        self.received.change(|state| end(state, &reason));
    }

    /// Handles a frame. The error is the reason why the connection is unusable.
    fn frame(&self, frame: Frame) -> Result<(), String> {
        let packet = match frame {
            Frame::Text(text) => self.text(&text)?,
            Frame::Binary(bytes) => self.codec.read_binary(bytes).map_err(|it| it.to_string())?,
            _ => None,
        };
        if let Some(packet) = packet {
            self.received
                .change(|state| take(state, packet, &self.codec));
        }
        Ok(())
    }

    /// Handles an [Engine.IO packet](https://socket.io/docs/v4/engine-io-protocol/#protocol).
    fn text(&self, text: &str) -> Result<Option<Packet>, String> {
        match text.split_at_checked(1) {
            Some(("0", _)) => self.received.change(|state| state.is_open = true),
            Some(("1", _)) => return Err("the server closed it".to_owned()),
            Some(("2", probe)) => {
                let pong = Frame::text(format!("3{probe}"));
                let _ = self.outgoing.send(vec![pong]);
            }
            Some(("4", packet)) => {
                return self.codec.read_text(packet).map_err(|it| it.to_string());
            }
            _ => {}
        }
        Ok(None)
    }
}

fn take(state: &mut State, packet: Packet, codec: &Codec) {
    if let Some(number) = packet.ns.strip_prefix(BARRIER) {
        state.passed.extend(number.parse::<i64>());
        return;
    }
    let Some(inbox) = state.namespaces.get_mut(packet.ns.as_str()) else {
        return;
    };
    match packet.inner {
        PacketData::Connect(answer) => {
            if let Some(id) = codec.socket_id(answer.as_ref()) {
                inbox.phase = Phase::Connected(id);
            }
        }
        PacketData::ConnectError(message) => inbox.phase = Phase::Refused(message),
        PacketData::Disconnect => inbox.phase = Phase::Gone(Disconnected::ByServer),
        PacketData::Event(value, id) | PacketData::BinaryEvent(value, id) => {
            inbox.events.extend(Incoming::new(value, id));
        }
        PacketData::EventAck(value, id) | PacketData::BinaryAck(value, id) => {
            inbox.answers.insert(id, Message::from_ack(value));
        }
    }
}
