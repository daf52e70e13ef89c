//! Packets that wait for a client with a full send buffer.

pub(crate) mod policy;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, StreamExt};
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    connection::connection::{Connection, reading::Pause},
    contract::error::{AckError, EmitError},
    metrics,
    protocol::Value,
    upstream::{
        AckError as RawAckError, BroadcastOptions, CoreAdapter, Packet, Parse, RawSocket,
        SocketError, adapter::ClusterAdapter,
    },
    wire::{
        arguments::{Arguments, Outgoing},
        message::Message,
    },
};

/// Packets that wait for one socket.
pub(crate) struct Backlog {
    socket: Weak<RawSocket>,
    adapter: Arc<ClusterAdapter>,
    runtime: Handle,
    /// Counts the packets of its connection that wait here and elsewhere.
    connection: Arc<Connection>,
    is_waiting: AtomicBool,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    packets: VecDeque<QueuedPacket>,
    /// Pause of reading from the client, for as long as packets wait.
    pause: Option<Pause>,
}

impl Queue {
    fn pause(&mut self, connection: &Arc<Connection>) {
        // All packets may have been sent meanwhile.
        if self.pause.is_none() && !self.packets.is_empty() {
            self.pause = Some(connection.pause());
        }
    }
}

struct QueuedPacket {
    packet: Packet,
    bytes: usize,
    kind: Kind,
}

enum Kind {
    Event,
    Answer,
    Question {
        timeout: Option<Duration>,
        reply: oneshot::Sender<Answer>,
    },
}

/// Answer of a client to an event that has waited.
pub(crate) type Answer = Result<Message<'static>, AckError>;

/// Number of packets sent in one round; the rest of the buffer is for heartbeats and broadcasts.
const ROUND: usize = 64;
/// Time after which the end of a connection is noticed at the latest.
const TIMEOUT: Duration = Duration::from_secs(1);

impl Backlog {
    fn new(
        socket: Weak<RawSocket>,
        adapter: Arc<ClusterAdapter>,
        runtime: Handle,
        connection: Arc<Connection>,
    ) -> Arc<Self> {
        Arc::new(Self {
            socket,
            adapter,
            runtime,
            connection,
            is_waiting: AtomicBool::new(false),
            queue: Mutex::default(),
        })
    }

    /// Returns `true` if packets wait, which new packets must not overtake.
    fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Acquire)
    }

    /// Queues an event.
    fn keep_event(
        self: &Arc<Self>,
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<(), EmitError> {
        let (packet, bytes) = self.event(event, arguments)?;
        let kind = Kind::Event;
        self.keep(QueuedPacket {
            packet,
            bytes,
            kind,
        })
    }

    /// Queues an event that asks for an acknowledgement.
    fn keep_question(
        self: &Arc<Self>,
        event: &str,
        arguments: &dyn Arguments,
        timeout: Option<Duration>,
    ) -> Result<oneshot::Receiver<Answer>, EmitError> {
        let (packet, bytes) = self.event(event, arguments)?;
        let (reply, answer) = oneshot::channel();
        let kind = Kind::Question { timeout, reply };
        self.keep(QueuedPacket {
            packet,
            bytes,
            kind,
        })?;
        Ok(answer)
    }

    /// Queues an acknowledgement that the client has asked for.
    fn keep_answer(self: &Arc<Self>, id: i64, arguments: &dyn Arguments) -> Result<(), EmitError> {
        let (packet, bytes) = self.answer(id, arguments)?;
        let kind = Kind::Answer;
        self.keep(QueuedPacket {
            packet,
            bytes,
            kind,
        })?;
        // A client that does not read its acknowledgements must not send more events.
        self.queue().pause(&self.connection);
        Ok(())
    }

    /// Encodes an event, and returns its size in memory, in bytes.
    fn event(&self, event: &str, arguments: &dyn Arguments) -> Result<(Packet, usize), EmitError> {
        let value = self.encode(Some(event), arguments)?;
        let bytes = size(&value);
        Ok((Packet::event(self.path(), value), bytes))
    }

    /// Encodes an acknowledgement, and returns its size in memory, in bytes.
    fn answer(&self, id: i64, arguments: &dyn Arguments) -> Result<(Packet, usize), EmitError> {
        let value = self.encode(None, arguments)?;
        let bytes = size(&value);
        Ok((Packet::ack(self.path(), value, id), bytes))
    }

    /// Passes a packet for the socket to the engine.
    fn deliver(&self, socket: &RawSocket, packet: Packet) -> Result<(), EmitError> {
        if !socket.connected() {
            return Err(EmitError::Closed);
        }
        let only = BroadcastOptions::new(socket.id);
        let delivered = self.adapter.get_local().broadcast(packet, only);
        match delivered.map_err(|errors| errors.into_iter().next()) {
            Ok(()) | Err(None) => Ok(()),
            Err(Some(error)) => Err(error.into()),
        }
    }

    fn encode(&self, event: Option<&str>, arguments: &dyn Arguments) -> Result<Value, EmitError> {
        let parser = self.adapter.get_local().parser();
        let value = parser.encode_value(&Outgoing(arguments), event);
        value.map_err(|error| EmitError::Encode(error.to_string()))
    }

    fn path(&self) -> crate::protocol::Str {
        self.adapter.get_local().path().clone()
    }

    fn keep(self: &Arc<Self>, waiting: QueuedPacket) -> Result<(), EmitError> {
        let mut queue = self.queue();
        let bytes = waiting.bytes;
        let send_queue = self.connection.queue();
        let has_room = match waiting.kind {
            Kind::Answer => send_queue.has_room_for_answer(),
            Kind::Event | Kind::Question { .. } => send_queue.has_room(bytes),
        };
        if !has_room {
            return Err(EmitError::Full);
        }
        metrics::packets_wait(1);
        send_queue.enter_backlog(bytes);
        queue.packets.push_back(waiting);
        if queue.packets.len() == 1 {
            self.is_waiting.store(true, Ordering::Release);
            self.runtime.spawn(self.clone().drain());
        }
        Ok(())
    }

    /// Sends the waiting packets in rounds, until no packet waits.
    async fn drain(self: Arc<Self>) {
        loop {
            let Some(socket) = self.socket.upgrade().filter(|socket| socket.connected()) else {
                return self.discard();
            };
            // Subscribe before sending, because the engine may send the packets immediately.
            let sent = self.connection.sent();
            if self.send_some(&socket) {
                return;
            }
            drop(socket);
            // After the timeout, the next round notices if the connection has ended.
            let _ = tokio::time::timeout(TIMEOUT, sent).await;
        }
    }

    /// Sends one round of packets. Returns `true` if no packets are left.
    fn send_some(&self, socket: &RawSocket) -> bool {
        let mut queue = self.queue();
        for _ in 0..ROUND {
            let Some(waiting) = queue.packets.pop_front() else {
                break;
            };
            let bytes = waiting.bytes;
            self.connection.queue().enter_engine(bytes);
            if let Some(waiting) = self.send(socket, waiting) {
                self.connection.queue().leave_engine(bytes);
                queue.packets.push_front(waiting);
                return false;
            }
            metrics::packets_gone(1);
            self.forget(bytes);
        }
        let is_done = queue.packets.is_empty();
        if is_done {
            *queue = Queue::default();
            self.is_waiting.store(false, Ordering::Release);
        }
        is_done
    }

    /// Passes one packet to the engine. Returns the packet if there is no room for it.
    fn send(&self, socket: &RawSocket, waiting: QueuedPacket) -> Option<QueuedPacket> {
        let QueuedPacket {
            packet,
            bytes,
            kind,
        } = waiting;
        let local = self.adapter.get_local();
        let only = BroadcastOptions::new(socket.id);
        let copy = packet.clone();
        let kind = match kind {
            Kind::Event | Kind::Answer => match local.broadcast(packet, only) {
                Err(errors) if errors.iter().any(is_full) => kind,
                // A closed connection is noticed before the next round.
                _ => return None,
            },
            Kind::Question { timeout, reply } => {
                let (answers, _) = local.broadcast_with_ack(packet, only, timeout);
                let mut answers = Box::pin(answers);
                let first = answers.next().now_or_never();
                if let Some(Some((_, Err(RawAckError::Socket(error))))) = &first
                    && is_full(error)
                {
                    Kind::Question { timeout, reply }
                } else {
                    self.runtime.spawn(async move {
                        let answer = match first {
                            Some(answer) => answer,
                            None => answers.next().await,
                        };
                        let answer = match answer {
                            Some((_, Ok(value))) => Ok(Message::from_ack(value)),
                            Some((_, Err(error))) => Err(error.into()),
                            None => Err(AckError::Closed),
                        };
                        // The receiver may have been dropped.
                        let _ = reply.send(answer);
                    });
                    return None;
                }
            }
        };
        Some(QueuedPacket {
            packet: copy,
            bytes,
            kind,
        })
    }

    /// Drops the packets of a client that is gone.
    fn discard(&self) {
        let mut queue = self.queue();
        let packets = std::mem::take(&mut *queue);
        self.is_waiting.store(false, Ordering::Release);
        drop(queue);
        self.forget(packets.packets.iter().map(|packet| packet.bytes).sum());
        metrics::packets_gone(packets.packets.len());
        tracing::debug!(
            namespace = self.path().as_str(),
            packets = packets.packets.len(),
            "client disconnected with packets waiting"
        );
    }

    fn forget(&self, bytes: usize) {
        self.connection.queue().leave_backlog(bytes);
        // The server may read from the client again.
        self.connection.wake_reader();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_full(error: &SocketError) -> bool {
    matches!(error, SocketError::InternalChannelFull)
}

/// Returns the approximate size of a packet in memory, in bytes.
fn size(value: &Value) -> usize {
    let content = match value {
        Value::Str(text, attachments) => {
            let attachments = attachments.iter().flatten();
            text.len() + attachments.map(|bytes| bytes.len()).sum::<usize>()
        }
        Value::Bytes(bytes) => bytes.len(),
    };
    content + size_of::<QueuedPacket>()
}
