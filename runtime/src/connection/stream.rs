//! Byte stream between one client and the engine, which extracts plain events.
//!
//! To the engine it is a WebSocket that takes all data immediately. Data that the client has not taken waits in the
//! connection's [`SendQueue`](super::send_queue::SendQueue). The task that reads the connection sends it, because the
//! engine always has one. The engine's own writer only waits while the queue is full, and for the end of the
//! connection.

use std::{
    cell::Cell,
    io,
    ops::ControlFlow,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

use super::{
    carrier::Carrier,
    connection::{Connection, Reading},
    frame::Frame,
    messages::{HELD, Messages, Taken, Turn, Verdict},
    read_buffer::ReadBuffer,
    send_queue::SendQueue,
    write_stall::WriteStall,
};
use crate::{metrics, support::log_limiter::log_limited};

/// Maximum number of bytes per read.
const READ: usize = 32 * 1024;
/// Maximum time to wait until a turn's acknowledgements are sent.
const REST: Duration = Duration::from_millis(5);
/// Time for which a client is not read when too many of its events are in progress. After it, the client's heartbeats
/// are read, and its events are rejected.
const OVERLOAD: Duration = Duration::from_secs(5);
/// First byte of a close frame, the last frame of a WebSocket (<https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>).
const CLOSE: u8 = 0x88;
/// Opcode bit that control frames have and messages do not.
const CONTROL: u8 = 0x08;

thread_local! {
    /// Buffer that connections are read into, one at a time.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Replacement for the OPEN packet that the engine writes, which names the session by the socket's public id.
pub(crate) enum Open {
    /// The packet was already sent, as the response to the first request.
    Sent,
    /// This packet is sent instead.
    Send(Vec<u8>),
}

/// Byte stream of one client.
///
/// It keeps the order of messages. After a frame for the engine, it handles nothing more until the engine reads again,
/// which the engine does once it has handled that frame.
pub(crate) struct EventStream<S> {
    carrier: Carrier<S>,
    messages: Messages,
    /// Present until the engine has written its OPEN packet.
    open: Option<Open>,
    /// Bytes for the engine.
    passed: ReadBuffer,
    /// Bytes that were read and not handled.
    held: ReadBuffer,
    /// Bytes that were read from a WebSocket before it replaced polling.
    early: ReadBuffer,
    /// `true` if `held` is an incomplete frame.
    is_partial: bool,
    turn: Turn,
    /// Deadline for the turn's acknowledgements, and the waker of the task that waits for them.
    rest: Option<(Pin<Box<Sleep>>, Waker)>,
    /// Deadline for a client that is not read because its events take long.
    overload: Option<Pin<Box<Sleep>>>,
    /// `true` if the acknowledgements of the last turn were sent in time.
    is_answering: bool,
    /// `true` if the carrier has to be flushed.
    needs_flush: bool,
    /// `true` if the engine has written its last frame.
    is_closing: bool,
    /// `true` if nothing more will be read.
    is_over: bool,
    /// `true` if nothing more will be sent.
    is_broken: bool,
    watch: WriteStall,
}

impl<S> EventStream<S> {
    /// Creates a stream. Events longer than `longest`, in bytes, are left to the engine. The connection ends if its
    /// client takes too little of the data within `patience`.
    pub(crate) fn new(
        carrier: Carrier<S>,
        connection: Arc<Connection>,
        open: Open,
        longest: usize,
        patience: Duration,
    ) -> Self {
        Self {
            carrier,
            messages: Messages::new(connection, longest),
            open: Some(open),
            passed: ReadBuffer::default(),
            held: ReadBuffer::default(),
            early: ReadBuffer::default(),
            is_partial: false,
            turn: Turn::new(),
            rest: None,
            overload: None,
            is_answering: false,
            needs_flush: false,
            is_closing: false,
            is_over: false,
            is_broken: false,
            watch: WriteStall::new(patience),
        }
    }

    fn connection(&self) -> &Arc<Connection> {
        self.messages.connection()
    }

    /// Ends the connection for both sides.
    fn break_off(&mut self) {
        self.is_over = true;
        self.is_broken = true;
        self.watch.end();
        self.connection().queue().clear();
        self.connection().close();
    }

    /// Ends the connection of a client that does not read.
    #[cold]
    fn give_up(&mut self) {
        metrics::connection_ended("does_not_read");
        let transport = self.connection().transport();
        log_limited!(self.connection().next_line(), info, { ?transport }, "a client does not read what it is sent: its connection is ended");
        self.break_off();
    }
}

impl<S> Drop for EventStream<S> {
    /// Runs when the engine drops its last task of the connection.
    fn drop(&mut self) {
        self.connection().end_reading(!self.messages.has_closed);
    }
}

/// Reading from the client.
impl<S: AsyncRead + AsyncWrite + Unpin> EventStream<S> {
    /// Handles the events at the start of the input, and passes the first other frame to the engine.
    fn advance(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Step>> {
        if self.held.is_empty() || self.is_partial {
            let mut buffer = BUFFER.take();
            buffer.resize(READ + HELD, 0);
            let step = self.read(context, &mut buffer);
            BUFFER.set(buffer);
            return step;
        }
        let mut held = std::mem::take(&mut self.held);
        let (done, step) = self.look(&mut held.bytes[held.read..]);
        held.read += done;
        // A partial frame may wait for long; it must not keep the memory of the frames before it.
        self.held = match self.is_partial || held.is_empty() {
            true => ReadBuffer::of(held.rest()),
            false => held,
        };
        Poll::Ready(Ok(step))
    }

    fn read(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Step>> {
        let held = self.held.rest();
        let start = held.len();
        buffer[..start].copy_from_slice(held);
        let mut space = ReadBuf::new(&mut buffer[start..]);
        ready!(self.poll_carrier(context, &mut space))?;
        let count = space.filled().len();
        self.held = ReadBuffer::default();
        if count == 0 {
            self.passed.fill(&buffer[..start]);
            self.is_over = true;
            return Poll::Ready(Ok(Step::More));
        }
        let input = &mut buffer[..start + count];
        let (done, step) = self.look(input);
        self.held = ReadBuffer::of(&input[done..]);
        Poll::Ready(Ok(step))
    }

    fn poll_carrier(
        &mut self,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.carrier.is_polling() {
            let polling = self.messages.connection().polling();
            return match polling.is_some_and(|polling| polling.read(space)) {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            };
        }
        if self.early.pour(space) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.carrier).poll_read(context, space)
    }

    /// Handles input that was read, and returns how many bytes were consumed.
    fn look(&mut self, input: &mut [u8]) -> (usize, Step) {
        let Taken { taken, verdict } = self.messages.take(input, &mut self.turn);
        self.is_partial = matches!(verdict, Verdict::Partial);
        match verdict {
            Verdict::Pass(len) => {
                let end = taken + len;
                self.passed.fill(&input[taken..end]);
                (end, Step::More)
            }
            Verdict::Partial => (taken, Step::More),
            Verdict::Enough => (taken, Step::Enough),
            Verdict::Broken => {
                self.is_over = true;
                (input.len(), Step::More)
            }
        }
    }

    /// Becomes ready when the client may be read.
    fn poll_allowed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.connection().reading(context) {
            Reading::Closed => {}
            _ if self.is_over => {}
            Reading::Paused => return Poll::Pending,
            Reading::Overloaded => {
                let overload = self
                    .overload
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(OVERLOAD)));
                ready!(overload.as_mut().poll(context));
                self.connection().begin_rejecting();
            }
            Reading::Open => {}
        }
        self.overload = None;
        if let Some((end, waker)) = &mut self.rest {
            waker.clone_from(context.waker());
            ready!(end.as_mut().poll(context));
            self.rest = None;
            self.is_answering = false;
        }
        Poll::Ready(())
    }

    /// Ends the turn.
    fn end_turn(&mut self, context: &mut Context<'_>) {
        self.turn = Turn::new();
        // The engine's sending task waits for this task at every message, and would fall behind.
        if std::mem::take(&mut self.messages.has_asked) && self.is_answering {
            let mut end = Box::pin(tokio::time::sleep(REST));
            if end.as_mut().poll(context).is_pending() {
                self.rest = Some((end, context.waker().clone()));
                return;
            }
        }
        // Waking this task immediately would keep the thread from polling for the data of other connections.
        let _ = pin!(tokio::task::yield_now()).poll(context);
    }
}

/// Next step of a read.
enum Step {
    More,
    /// Let other tasks run.
    Enough,
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for EventStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // Registered before any check, so that later changes wake this task.
        this.connection().register_reader(context);
        if this.proceed(context).is_continue() {
            ready!(this.poll_allowed(context));
        }
        loop {
            if this.passed.pour(output) || this.is_over {
                return Poll::Ready(Ok(()));
            }
            match this.advance(context) {
                Poll::Ready(Ok(Step::More)) => continue,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(Step::Enough)) => {
                    this.end_turn(context);
                    return Poll::Pending;
                }
                Poll::Pending => {
                    this.turn = Turn::new();
                    this.messages.has_asked = false;
                    return Poll::Pending;
                }
            }
        }
    }
}

/// Writing to the client.
impl<S: AsyncWrite + Unpin> EventStream<S> {
    /// Advances the connection, in whichever direction it is polled: completes an upgrade, sends the queue, and checks
    /// that the client takes the data.
    fn proceed(&mut self, context: &mut Context<'_>) -> ControlFlow<()> {
        if self.connection().is_closed() && !self.is_broken {
            self.break_off();
        }
        if self.is_broken {
            return ControlFlow::Break(());
        }
        if self.carrier.is_polling()
            && let Some(polling) = self.messages.connection().polling()
            && let Some((stream, read)) = polling.take_upgrade()
        {
            self.carrier = Carrier::Upgraded(stream);
            self.early = ReadBuffer::of(&read);
            self.connection().note_upgrade();
        }
        self.send_queued(context);
        if self.poll_stuck(context).is_ready() {
            self.give_up();
        }
        match self.is_broken {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    /// Sends the queue, as far as the client takes it.
    fn send_queued(&mut self, context: &mut Context<'_>) {
        let queue = self.messages.connection().queue();
        let is_done = queue.is_empty() && !self.needs_flush;
        if is_done || self.is_broken || self.carrier.is_polling() {
            return;
        }
        match send(&mut self.carrier, queue, &mut self.watch, context) {
            Poll::Ready(Ok(())) => {
                self.needs_flush = false;
                self.watch.end();
            }
            // The engine learns of the error when it reads.
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "connection cannot be written");
                self.break_off();
            }
            Poll::Pending => self.watch.begin(),
        }
        // While the queue is full, the writer could not continue.
        if !self.connection().queue().is_full() {
            self.connection().wake_writer();
        }
    }

    /// Becomes ready when the client has not taken its data in time.
    fn poll_stuck(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_broken {
            return Poll::Pending;
        }
        if self.carrier.is_polling() {
            let polling = self.messages.connection().polling();
            let since = polling.and_then(|polling| polling.idle_since());
            return self.watch.poll_idle(since, context);
        }
        self.watch.poll_stuck(context)
    }

    /// Sends whole frames, or queues what the client does not take.
    fn send(&mut self, frames: &[u8], context: &mut Context<'_>) {
        let is_control = frames.first().is_some_and(|first| first & CONTROL != 0);
        if is_control && self.carrier.is_polling() {
            // A control frame for the WebSocket that only the engine sees.
            return;
        }
        let queue = self.messages.connection().queue();
        let sent = match queue.is_empty() {
            true => Pin::new(&mut self.carrier).poll_write(context, frames),
            // Queued frames go first.
            false => Poll::Pending,
        };
        let sent = match sent {
            Poll::Ready(Ok(sent)) => sent,
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "connection cannot be written");
                return self.break_off();
            }
            Poll::Pending => 0,
        };
        if sent == frames.len() {
            return;
        }
        let is_first = queue.is_empty();
        queue.push(frames, sent);
        if is_first {
            self.connection().note_behind();
        }
        match self.messages.connection().polling() {
            Some(polling) if self.carrier.is_polling() => polling.wake_getter(),
            // The reader has to register itself to be woken when the client takes more.
            _ => self.connection().wake_reader(),
        }
    }
}

/// Writes the queue; ready when it is empty.
fn send<S: AsyncWrite + Unpin>(
    carrier: &mut Carrier<S>,
    queue: &SendQueue,
    watch: &mut WriteStall,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let stopped =
        queue.drain(
            |slices| match Pin::new(&mut *carrier).poll_write_vectored(context, slices) {
                Poll::Ready(Ok(0)) => Err(Poll::Ready(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => {
                    watch.advance(written);
                    Ok(written)
                }
                Poll::Ready(Err(error)) => Err(Poll::Ready(error)),
                Poll::Pending => Err(Poll::Pending),
            },
        );
    match stopped {
        None => Pin::new(carrier).poll_flush(context),
        Some(Poll::Ready(error)) => Poll::Ready(Err(error)),
        Some(Poll::Pending) => Poll::Pending,
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EventStream<S> {
    /// Takes whole frames: all of tungstenite's buffer or, while the queue is full, nothing.
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // The engine knows that the connection has ended, or learns it by reading.
        if this.is_broken {
            return Poll::Ready(Ok(bytes.len()));
        }
        if let Some(open) = this.open.take() {
            // The engine writes the OPEN packet first, in a write of its own.
            if let Open::Send(packet) = open {
                this.send(&packet, context);
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        let is_last = bytes.first() == Some(&CLOSE);
        if this.connection().queue().is_full() && !is_last {
            this.connection().register_writer(context);
            // There may be no reader any more: the engine drops that side first.
            if this.proceed(context).is_break() {
                return Poll::Ready(Ok(bytes.len()));
            }
            if this.connection().queue().is_full() {
                return Poll::Pending;
            }
        }
        this.connection().queue().leave_engine(bytes.len());
        this.is_closing |= is_last;
        this.send(bytes, context);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_broken {
            return Poll::Ready(Ok(()));
        }
        if this.is_closing {
            return this.poll_flush_last(context);
        }
        if this.connection().queue().is_empty() {
            match Pin::new(&mut this.carrier).poll_flush(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => this.break_off(),
                Poll::Pending => {
                    this.needs_flush = true;
                    this.connection().wake_reader();
                }
            }
        }
        this.connection().note_engine_is_idle();
        this.is_answering = true;
        if let Some((_, waker)) = this.rest.take() {
            waker.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().carrier).poll_shutdown(context)
    }
}

impl<S: AsyncWrite + Unpin> EventStream<S> {
    /// Waits until the client has taken everything, because there is no reader any more. A client that polls may still
    /// fetch the rest later.
    fn poll_flush_last(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection().register_writer(context);
        let is_done = self.proceed(context).is_break()
            || self.carrier.is_polling()
            || (self.connection().queue().is_empty() && !self.needs_flush);
        match is_done {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }
}

/// Returns the OPEN packet of a session as a frame (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
pub(crate) fn open_frame(packet: &str) -> Vec<u8> {
    Frame::server_text(packet.as_bytes())
}

#[cfg(test)]
mod tests;
