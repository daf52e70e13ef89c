//! What waits to be sent to one client, and the limit of it.
//!
//! Packets wait in three places: the engine's channel, which counts packets and not bytes; the backlog of a socket for
//! which that channel had no room; and here, as WebSocket frames that the client has not taken. The sum is kept below
//! [`Limits::backlog`](crate::Limits::backlog).

use std::{
    collections::VecDeque,
    io::IoSlice,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::frame::Frame;

/// What a frame costs beside its bytes: its place in the queue and its allocation, about.
const FRAME_OVERHEAD: usize = 64;

/// How many frames are written by one system call.
pub(crate) const BATCH: usize = 32;

/// What waits to be sent to one client, in bytes.
pub(crate) struct SendQueue {
    /// How many bytes may wait.
    limit: usize,
    frames: Mutex<Frames>,
    /// Bytes and number of the frames, to be read without the lock.
    queued: AtomicUsize,
    packets: AtomicUsize,
    /// Bytes that were given to the engine since its writer was last seen to have nothing left.
    in_engine: AtomicUsize,
    /// Bytes in the backlogs of the connection's sockets.
    in_backlogs: AtomicUsize,
}

/// Whole frames, the first of which may have been sent in part.
#[derive(Default)]
pub(crate) struct Frames {
    queue: VecDeque<Vec<u8>>,
    /// How many bytes of the first frame were sent.
    sent: usize,
}

impl SendQueue {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            frames: Mutex::default(),
            queued: AtomicUsize::new(0),
            packets: AtomicUsize::new(0),
            in_engine: AtomicUsize::new(0),
            in_backlogs: AtomicUsize::new(0),
        }
    }

    fn waiting(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
            + self.in_engine.load(Ordering::Relaxed)
            + self.in_backlogs.load(Ordering::Relaxed)
    }

    /// `true` if an event of this many bytes may wait. One that is larger than the limit may if nothing else waits:
    /// otherwise it could never be sent.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        let waiting = self.waiting();
        waiting == 0 || waiting + bytes <= self.limit
    }

    /// `true` if an acknowledgement may wait, whatever its size: the client's event was read when there was room.
    pub(crate) fn has_room_for_answer(&self) -> bool {
        self.waiting() < self.limit
    }

    /// `true` if so much waits that nothing more is to be read from the client. The other half of the limit is for the
    /// acknowledgements of what was read already.
    pub(crate) fn is_crowded(&self) -> bool {
        self.waiting() > self.limit / 2
    }

    /// `true` if the engine is to keep what it has.
    pub(crate) fn is_full(&self) -> bool {
        self.queued.load(Ordering::Relaxed) >= self.limit
    }

    /// `true` if the client has taken all that it was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.packets.load(Ordering::Acquire) == 0
    }

    /// `true` if nothing waits, as far as it is counted.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_empty() && self.waiting() == 0
    }

    /// Number of frames that wait here.
    pub(crate) fn packets(&self) -> usize {
        self.packets.load(Ordering::Relaxed)
    }

    /// Counts bytes that are about to be given to the engine.
    ///
    /// Before they are given: afterwards the engine may have written them already, and they would be counted for ever.
    pub(crate) fn enter_engine(&self, bytes: usize) {
        self.in_engine.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that the engine did not take, or has written.
    pub(crate) fn leave_engine(&self, bytes: usize) {
        let fewer = |count: usize| Some(count.saturating_sub(bytes));
        // It always has a value to store.
        let _ = self
            .in_engine
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    /// Forgets what was counted: the engine's writer has found nothing more to send.
    pub(crate) fn note_engine_is_idle(&self) {
        self.in_engine.store(0, Ordering::Relaxed);
    }

    pub(crate) fn enter_backlog(&self, bytes: usize) {
        self.in_backlogs.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn leave_backlog(&self, bytes: usize) {
        self.in_backlogs.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Adds frames, of which the first `sent` bytes were sent already.
    ///
    /// `bytes` are whole frames: tungstenite writes its whole buffer at once, and nothing else as long as all of it is
    /// taken.
    pub(crate) fn push(&self, bytes: &[u8], mut sent: usize) {
        let mut frames = self.frames();
        let mut rest = bytes;
        while !rest.is_empty() {
            let len = match Frame::read(rest) {
                Ok(Some(frame)) => frame.len.min(rest.len()),
                Ok(None) | Err(_) => rest.len(),
            };
            let (frame, after) = rest.split_at(len);
            rest = after;
            if sent >= len {
                sent -= len;
                continue;
            }
            if frames.queue.is_empty() {
                frames.sent = sent;
            }
            sent = 0;
            self.queued
                .fetch_add(len + FRAME_OVERHEAD, Ordering::Relaxed);
            self.packets.fetch_add(1, Ordering::Release);
            frames.queue.push_back(frame.to_vec());
        }
    }

    /// Writes frames until there are no more or `write` takes nothing; the result is what `write` returned last, if it
    /// did not take all.
    pub(crate) fn drain<T>(
        &self,
        mut write: impl FnMut(&[IoSlice<'_>]) -> Result<usize, T>,
    ) -> Option<T> {
        let mut frames = self.frames();
        while !frames.queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); BATCH];
            let count = frames.slices(&mut slices);
            match write(&slices[..count]) {
                Ok(written) => {
                    for frame in frames.advance(written) {
                        self.forget(&frame);
                    }
                }
                Err(stopped) => return Some(stopped),
            }
        }
        None
    }

    /// Takes the next frame if `wants` it.
    pub(crate) fn pop_if(&self, wants: impl FnOnce(&[u8]) -> bool) -> Option<Vec<u8>> {
        let mut frames = self.frames();
        if !wants(frames.queue.front()?) {
            return None;
        }
        let frame = frames.queue.pop_front()?;
        self.forget(&frame);
        Some(frame)
    }

    /// Drops everything that waits here.
    pub(crate) fn clear(&self) {
        let frames = std::mem::take(&mut *self.frames());
        for frame in frames.queue {
            self.forget(&frame);
        }
    }

    fn forget(&self, frame: &[u8]) {
        self.queued
            .fetch_sub(frame.len() + FRAME_OVERHEAD, Ordering::Relaxed);
        self.packets.fetch_sub(1, Ordering::Release);
    }

    fn frames(&self) -> MutexGuard<'_, Frames> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Frames {
    fn slices<'f>(&'f self, slices: &mut [IoSlice<'f>; BATCH]) -> usize {
        let mut sent = self.sent;
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.queue) {
            *slice = IoSlice::new(&frame[sent..]);
            sent = 0;
            count += 1;
        }
        count
    }

    /// Notes that bytes were sent; returns the frames that are done.
    fn advance(&mut self, written: usize) -> Vec<Vec<u8>> {
        let mut done = Vec::new();
        self.sent += written;
        while let Some(frame) = self.queue.front()
            && self.sent >= frame.len()
        {
            self.sent -= frame.len();
            done.extend(self.queue.pop_front());
        }
        done
    }
}
