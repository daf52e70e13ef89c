//! Packets that wait to be sent to one client, and their limit.
//!
//! Packets wait in three places: in the engine's channel, which counts packets and not bytes; in the backlog of a
//! socket for which that channel had no room; and here, as WebSocket frames that the client has not taken. The sum
//! stays below [`Limits::backlog`](crate::Limits::backlog).

use std::{
    collections::VecDeque,
    io::IoSlice,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::frame::Frame;

/// Approximate overhead of a frame besides its bytes: its entry in the queue and its allocation.
const FRAME_OVERHEAD: usize = 64;

/// Maximum number of frames per system call.
pub(crate) const BATCH: usize = 32;

/// Packets that wait to be sent to one client, counted in bytes.
pub(crate) struct SendQueue {
    /// Maximum number of bytes that may wait.
    limit: usize,
    frames: Mutex<Frames>,
    /// Bytes and number of the frames, readable without the lock.
    queued: AtomicUsize,
    packets: AtomicUsize,
    /// Bytes given to the engine since its writer last had nothing left to send.
    in_engine: AtomicUsize,
    /// Bytes in the backlogs of the connection's sockets.
    in_backlogs: AtomicUsize,
}

/// Whole frames, of which the first may be partly sent.
#[derive(Default)]
pub(crate) struct Frames {
    queue: VecDeque<Vec<u8>>,
    /// Number of bytes of the first frame that were sent.
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

    /// Returns `true` if an event of this many bytes may wait. An event larger than the limit may wait if nothing else
    /// does; otherwise it could never be sent.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        let waiting = self.waiting();
        waiting == 0 || waiting + bytes <= self.limit
    }

    /// Returns `true` if an acknowledgement may wait, whatever its size: the client's event was read when there was
    /// room.
    pub(crate) fn has_room_for_answer(&self) -> bool {
        self.waiting() < self.limit
    }

    /// Returns `true` if so much data waits that the server stops reading from the client. The other half of the limit
    /// is reserved for the acknowledgements of events that were already read.
    pub(crate) fn is_crowded(&self) -> bool {
        self.waiting() > self.limit / 2
    }

    /// Returns `true` if the engine has to keep its packets.
    pub(crate) fn is_full(&self) -> bool {
        self.queued.load(Ordering::Relaxed) >= self.limit
    }

    /// Returns `true` if the client has taken everything that was sent to it.
    pub(crate) fn is_empty(&self) -> bool {
        self.packets.load(Ordering::Acquire) == 0
    }

    /// Returns `true` if nothing is counted as waiting.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_empty() && self.waiting() == 0
    }

    /// Returns the number of frames that wait here.
    pub(crate) fn packets(&self) -> usize {
        self.packets.load(Ordering::Relaxed)
    }

    /// Counts bytes that are about to be given to the engine.
    ///
    /// Call this before handing them over. The engine may write them immediately, and bytes counted afterwards would
    /// never be subtracted.
    pub(crate) fn enter_engine(&self, bytes: usize) {
        self.in_engine.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Subtracts bytes that the engine rejected or has written.
    pub(crate) fn leave_engine(&self, bytes: usize) {
        let fewer = |count: usize| Some(count.saturating_sub(bytes));
        // Never fails: the closure always returns a value.
        let _ = self
            .in_engine
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    }

    /// Resets the count when the engine's writer has nothing more to send.
    pub(crate) fn note_engine_is_idle(&self) {
        self.in_engine.store(0, Ordering::Relaxed);
    }

    pub(crate) fn enter_backlog(&self, bytes: usize) {
        self.in_backlogs.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn leave_backlog(&self, bytes: usize) {
        self.in_backlogs.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Adds frames, of which the first `sent` bytes were already sent.
    ///
    /// `bytes` consists of whole frames: tungstenite writes its whole buffer in one call, and writes nothing else until
    /// all of it is taken.
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

    /// Writes frames until there are no more or `write` fails. Returns the value with which `write` stopped, if any
    /// frame is left.
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

    /// Takes the next frame if `wants` accepts it.
    pub(crate) fn pop_if(&self, wants: impl FnOnce(&[u8]) -> bool) -> Option<Vec<u8>> {
        let mut frames = self.frames();
        if !wants(frames.queue.front()?) {
            return None;
        }
        let frame = frames.queue.pop_front()?;
        self.forget(&frame);
        Some(frame)
    }

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

    /// Notes that bytes were sent, and returns the frames that are complete.
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
