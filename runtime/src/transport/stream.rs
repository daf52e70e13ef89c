//! A WebSocket connection on its way to the engine, out of which plain events are taken.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use socketioxide_core::Sid;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    frame::{Frame, Malformed},
    link::{Link, Links},
    packet::{self, EventPacket},
};

/// How much is read at once, in bytes.
const READ: usize = 32 * 1024;
/// How much of a frame is waited for, in bytes, before the engine has what is there of it.
const HELD: usize = 4 * 1024;
/// How many events are handled before others have their turn: what they are answered with waits in a queue of 128
/// packets until then.
const BATCH: usize = 32;

thread_local! {
    /// What connections are read into, one at a time.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The stream of one client.
///
/// The order of messages stays: nothing that comes after a frame for the engine is looked at before the engine has
/// asked for more, which it does when it has handled that frame.
pub(super) struct EventStream<S> {
    inner: S,
    messages: Messages,
    /// What the engine is to have.
    passed: Queue,
    /// What has been read and not been looked at.
    held: Vec<u8>,
    /// Whether there is too little of it to look at.
    is_partial: bool,
    /// Whether nothing more is to be read.
    is_over: bool,
}

impl<S> EventStream<S> {
    pub(super) fn new(inner: S, source: Source) -> Self {
        let probe: &[&[u8]] = match source {
            Source::Known(_) => &[],
            Source::Sought(..) => PROBE,
        };
        Self {
            inner,
            messages: Messages {
                source,
                probe,
                passing: 0,
                is_fragmented: false,
                attachments: 0,
            },
            passed: Queue::default(),
            held: Vec::new(),
            is_partial: false,
            is_over: false,
        }
    }

    /// Ends the connection, as far as the engine is concerned.
    ///
    /// The engine forgets a connection whose change from polling comes to nothing, without closing it. So it is told
    /// what it waits for, and that the connection has ended then.
    fn end(&mut self) {
        self.is_over = true;
        for text in std::mem::take(&mut self.messages.probe) {
            self.passed.fill(&Frame::text(text));
        }
    }
}

impl<S: AsyncRead + Unpin> EventStream<S> {
    /// Takes the events at the beginning of what has come, and passes the first frame that is none of them.
    fn advance(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Step>> {
        let mut filled = self.held.len();
        buffer[..filled].copy_from_slice(&self.held);
        if filled == 0 || self.is_partial {
            let mut space = ReadBuf::new(&mut buffer[filled..]);
            let read = ready!(Pin::new(&mut self.inner).poll_read(context, &mut space));
            let count = space.filled().len();
            if let Err(error) = read
                && self.messages.probe.is_empty()
            {
                return Poll::Ready(Err(error));
            }
            if count == 0 {
                if self.messages.probe.is_empty() {
                    self.passed.fill(&buffer[..filled]);
                }
                self.held = Vec::new();
                self.end();
                return Poll::Ready(Ok(Step::More));
            }
            filled += count;
        }
        let input = &mut buffer[..filled];
        let Taken { taken, verdict } = self.messages.take(input);
        let (passed, held) = match verdict {
            Verdict::Pass(len) => input[taken..].split_at(len),
            Verdict::Partial | Verdict::Enough => (&[][..], &input[taken..]),
            Verdict::Broken => {
                self.end();
                (&[][..], &[][..])
            }
        };
        self.passed.fill(passed);
        self.is_partial = matches!(verdict, Verdict::Partial);
        self.held.clear();
        self.held.extend_from_slice(held);
        if self.held.is_empty() {
            self.held = Vec::new();
        }
        Poll::Ready(Ok(match verdict {
            Verdict::Enough => Step::Enough,
            Verdict::Pass(_) | Verdict::Partial | Verdict::Broken => Step::More,
        }))
    }
}

/// What to do next.
enum Step {
    More,
    /// Let others have their turn.
    Enough,
}

impl<S: AsyncRead + Unpin> AsyncRead for EventStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.passed.pour(output) || this.is_over {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = BUFFER.take();
            buffer.resize(READ + HELD, 0);
            let step = this.advance(context, &mut buffer);
            BUFFER.set(buffer);
            match ready!(step)? {
                Step::More => {}
                Step::Enough => {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<S> EventStream<S> {
    /// Keeps a mistake from the engine that it would lose the connection over.
    fn forgive<T>(&mut self, done: io::Result<T>, instead: T) -> io::Result<T> {
        if done.is_err() && !self.messages.probe.is_empty() {
            self.end();
        }
        match done {
            Err(_) if self.is_over => Ok(instead),
            done => done,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EventStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(context, bytes));
        Poll::Ready(self.forgive(written, bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.inner).poll_flush(context));
        Poll::Ready(self.forgive(flushed, ()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(context, slices));
        let len = slices.iter().map(|slice| slice.len()).sum();
        Poll::Ready(self.forgive(written, len))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// Bytes that are read little by little.
#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    read: usize,
}

impl Queue {
    /// Takes up bytes after all that were there have been read.
    fn fill(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether there was anything to give.
    fn pour(&mut self, output: &mut ReadBuf<'_>) -> bool {
        let rest = &self.bytes[self.read..];
        if rest.is_empty() {
            return false;
        }
        let count = rest.len().min(output.remaining());
        output.put_slice(&rest[..count]);
        self.read += count;
        if self.read == self.bytes.len() {
            *self = Self::default();
        }
        true
    }
}

/// Where a connection's sockets are found.
pub(super) enum Source {
    Known(Arc<Link>),
    /// A connection that began with polling, once one of its sockets has been let in.
    Sought(Sid, Arc<Links>),
}

impl Source {
    fn link(&mut self) -> Option<&Arc<Link>> {
        if let Self::Sought(connection, links) = self {
            *self = Self::Known(links.find(*connection)?);
        }
        match self {
            Self::Known(link) => Some(link),
            Self::Sought(..) => None,
        }
    }
}

/// What a WebSocket begins with that takes the place of polling
/// (<https://socket.io/docs/v4/engine-io-protocol/#upgrade>).
const PROBE: &[&[u8]] = &[b"2probe", b"5"];

/// The messages of a client, as far as one has to follow them.
struct Messages {
    source: Source,
    /// What has to come first.
    probe: &'static [&'static [u8]],
    /// How much of a frame that was passed is still to come, in bytes.
    passing: usize,
    /// Whether a message has begun of which more frames are to come.
    is_fragmented: bool,
    /// How many binary messages the packet takes that has begun.
    attachments: usize,
}

/// How far one got.
struct Taken {
    /// How many bytes are done with.
    taken: usize,
    verdict: Verdict,
}

/// What is to be done with what follows.
enum Verdict {
    /// So many bytes are for the engine.
    Pass(usize),
    /// There is no whole frame.
    Partial,
    /// It is to be looked at later.
    Enough,
    /// It is not what a connection that changes from polling begins with.
    Broken,
}

impl Messages {
    fn take(&mut self, input: &mut [u8]) -> Taken {
        let mut taken = 0;
        for _ in 0..BATCH {
            let rest = &mut input[taken..];
            let verdict = match self.take_first(rest) {
                Ok(len) => {
                    taken += len;
                    continue;
                }
                Err(verdict) => verdict,
            };
            return Taken { taken, verdict };
        }
        let verdict = Verdict::Enough;
        Taken { taken, verdict }
    }

    /// Handles the first frame, and says how long it was.
    fn take_first(&mut self, input: &mut [u8]) -> Result<usize, Verdict> {
        if self.passing > 0 {
            let len = self.passing.min(input.len());
            self.passing -= len;
            return Err(if len == 0 {
                Verdict::Partial
            } else {
                Verdict::Pass(len)
            });
        }
        let frame = match Frame::read(input) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Err(Verdict::Partial),
            Err(Malformed) if !self.probe.is_empty() => return Err(Verdict::Broken),
            Err(Malformed) => {
                // Nothing that follows can be told apart.
                self.passing = usize::MAX;
                return Err(Verdict::Pass(input.len()));
            }
        };
        if input.len() < frame.len.min(HELD) {
            return Err(Verdict::Partial);
        }
        if let Some((text, rest)) = self.probe.split_first() {
            if !frame.is(text, input) {
                return Err(Verdict::Broken);
            }
            self.probe = rest;
        } else if input.len() >= frame.len && self.is_event(&frame) {
            let input = &mut input[..frame.len];
            frame.mask(input);
            if self.handle(frame.payload(input)) {
                return Ok(frame.len);
            }
            frame.mask(input);
        }
        self.note(&frame, input);
        let len = frame.len.min(input.len());
        self.passing = frame.len - len;
        Err(Verdict::Pass(len))
    }

    /// Whether it may be an event in a message of its own.
    fn is_event(&self, frame: &Frame) -> bool {
        let is_message = frame.is_text() && frame.is_final() && frame.is_plain();
        is_message && !self.is_fragmented && self.attachments == 0
    }

    fn handle(&mut self, payload: &[u8]) -> bool {
        if !payload.starts_with(packet::EVENT) {
            return false;
        }
        let Some(event) = std::str::from_utf8(payload)
            .ok()
            .and_then(EventPacket::parse)
        else {
            return false;
        };
        let link = self.source.link();
        let Some(route) = link.and_then(|link| link.route(event.namespace)) else {
            return false;
        };
        route.take(event.payload, event.id)
    }

    /// Follows a frame that the engine has.
    fn note(&mut self, frame: &Frame, input: &mut [u8]) {
        if !frame.is_data() {
            return;
        }
        self.is_fragmented = !frame.is_final();
        if frame.is_text() {
            frame.mask(input);
            self.attachments = packet::attachments(frame.payload(input));
            frame.mask(input);
        } else if frame.is_binary() {
            self.attachments = self.attachments.saturating_sub(1);
        }
    }
}
