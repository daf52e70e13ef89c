//! The queue of messages to other servers: ordered and bounded.
//!
//! It takes seconds to detect an engine that hangs. Meanwhile, a caller that emits to this server's own sockets must
//! not wait for the engine, and messages to other servers must not fill the memory.

use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::health::Health;

/// Maximum size of the queue, in bytes.
const ROOM: u32 = 8 << 20;

/// Size that is added for each message, in bytes.
const OVERHEAD: usize = 256;

/// Maximum time to wait for an engine that has answered so far.
const TIMEOUT: Duration = Duration::from_millis(250);

/// Maximum number of messages that are handed over together.
#[cfg(feature = "redis")]
const BATCH: usize = 256;

const WHAT: &str = "message to other servers";

/// The sending side of the queue.
pub(crate) struct Outbox<T> {
    messages: mpsc::UnboundedSender<QueuedMessage<T>>,
    room: Arc<Semaphore>,
    /// `true` if the engine has not answered for a while.
    is_stalled: Arc<AtomicBool>,
    health: Arc<Health>,
}

/// The receiving side of the queue, for the engine's driver.
pub(crate) struct OutboxReceiver<T> {
    messages: mpsc::UnboundedReceiver<QueuedMessage<T>>,
    is_stalled: Arc<AtomicBool>,
    health: Arc<Health>,
}

/// A message, with its share of the queue's size until it is dropped.
pub(crate) struct QueuedMessage<T> {
    pub(crate) message: T,
    /// Dropped when the message is handed over or lost.
    _done: oneshot::Sender<()>,
    _room: OwnedSemaphorePermit,
}

pub(crate) fn outbox<T>(health: &Arc<Health>) -> (Outbox<T>, OutboxReceiver<T>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let is_stalled = Arc::new(AtomicBool::new(false));
    let outbox = Outbox {
        messages: sender,
        room: Arc::new(Semaphore::new(ROOM as usize)),
        is_stalled: is_stalled.clone(),
        health: health.clone(),
    };
    let receiver = OutboxReceiver {
        messages: receiver,
        is_stalled,
        health: health.clone(),
    };
    (outbox, receiver)
}

impl<T> Outbox<T> {
    /// Queues a message of the given size. Resolves when the engine has the message, when it is lost, which is counted,
    /// or when the engine does not answer within `TIMEOUT`.
    pub(crate) async fn send(&self, message: T, bytes: usize) {
        if !self.health.is_connected() {
            return self.health.lose(WHAT, &"not connected");
        }
        let is_stalled = self.is_stalled.load(Ordering::Relaxed);
        let Some(room) = self.room_for(bytes, is_stalled).await else {
            return self
                .health
                .lose(WHAT, &"the queue of outgoing messages is full");
        };
        let (done, is_done) = oneshot::channel();
        let queued = QueuedMessage {
            message,
            _done: done,
            _room: room,
        };
        // The driver lives as long as this sender.
        let _ = self.messages.send(queued);
        if !is_stalled && tokio::time::timeout(TIMEOUT, is_done).await.is_err() {
            self.is_stalled.store(true, Ordering::Relaxed);
        }
    }

    /// Waits briefly for space in the queue, which slows fast senders down to the speed of the engine.
    async fn room_for(&self, bytes: usize, is_stalled: bool) -> Option<OwnedSemaphorePermit> {
        // A message larger than the queue takes the whole queue.
        let bytes = u32::try_from(bytes + OVERHEAD).unwrap_or(ROOM).min(ROOM);
        let room = self.room.clone();
        if let Ok(room) = room.clone().try_acquire_many_owned(bytes) {
            return Some(room);
        }
        if is_stalled {
            return None;
        }
        let room = tokio::time::timeout(TIMEOUT, room.acquire_many_owned(bytes)).await;
        if room.is_err() {
            self.is_stalled.store(true, Ordering::Relaxed);
        }
        room.ok()?.ok()
    }
}

impl<T> OutboxReceiver<T> {
    /// Returns the next message, or `None` when all senders are dropped.
    #[cfg(feature = "postgres")]
    pub(crate) async fn next(&mut self) -> Option<QueuedMessage<T>> {
        self.messages.recv().await
    }

    /// Returns the next messages, at least one. The result is empty when all senders are dropped.
    #[cfg(feature = "redis")]
    pub(crate) async fn next_batch(&mut self) -> Vec<QueuedMessage<T>> {
        let mut batch = Vec::new();
        self.messages.recv_many(&mut batch, BATCH).await;
        batch
    }

    /// Hands messages over to the engine. They are lost if the connection is lost first.
    pub(crate) async fn hand_over<E: Display>(
        &self,
        count: usize,
        sending: impl Future<Output = Result<(), E>>,
    ) {
        let lose = |problem: &dyn Display| (0..count).for_each(|_| self.health.lose(WHAT, problem));
        tokio::select! {
            biased;
            () = self.health.gone() => lose(&"not connected"),
            sent = sending => match sent {
                Ok(()) => self.is_stalled.store(false, Ordering::Relaxed),
                Err(error) => lose(&error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn hanging_engine_delays_once_and_the_queue_is_bounded() {
        let health = Arc::new(Health::new(true));
        let (outbox, mut receiver) = outbox::<u32>(&health);
        let began = Instant::now();
        let size = 1 << 20;
        for number in 0..20 {
            outbox.send(number, size).await;
        }
        assert!(began.elapsed() < TIMEOUT * 16, "{:?}", began.elapsed());
        // Each message takes slightly more than 1 of 8 MiB.
        assert_eq!(health.dropped_messages(), 13);
        for number in 0..7 {
            let queued = receiver.messages.recv().await.expect("it was kept");
            assert_eq!(queued.message, number);
        }
        // A message that was handed over frees its space.
        outbox.send(20, size).await;
        let queued = receiver.messages.recv().await.expect("it was kept");
        assert_eq!(queued.message, 20);
        // A message larger than the queue is sent alone.
        drop(queued);
        outbox.send(21, usize::MAX - OVERHEAD).await;
        assert!(receiver.messages.recv().await.is_some());
        assert_eq!(health.dropped_messages(), 13);
    }

    #[tokio::test]
    async fn counts_messages_lost_with_the_connection() {
        let health = Arc::new(Health::new(true));
        let (_outbox, receiver) = outbox::<u32>(&health);
        let hanging = receiver.hand_over(3, std::future::pending::<Result<(), String>>());
        let ((), ()) = tokio::join!(hanging, async { health.disconnected(&"it hangs") });
        assert_eq!(health.dropped_messages(), 3);
    }
}
