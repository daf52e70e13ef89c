//! One client's connection to the engine, out of which plain events are taken.
//!
//! To the engine it is a WebSocket that takes all that is written at once. What the client has not taken waits in the
//! connection's [`SendQueue`](super::send_queue::SendQueue); it is sent by the task that reads the connection, which the
//! engine always has. The engine's own writer waits only while the queue is full, and for the end of the connection.

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

/// How much is read at once, in bytes.
const READ: usize = 32 * 1024;
/// How long a turn's answers are waited for at most.
const REST: Duration = Duration::from_millis(5);
/// How long a client is not read when too many of its events are in progress. Then it is, for its heartbeats are among
/// what it sends, and its events are rejected.
const OVERLOAD: Duration = Duration::from_secs(5);
/// What a WebSocket's last frame begins with (<https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>).
const CLOSE: u8 = 0x88;
/// Tells frames of the WebSocket itself from those of messages.
const CONTROL: u8 = 0x08;

thread_local! {
    /// What connections are read into, one at a time.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What becomes of the OPEN packet that the engine writes, which names the session by the socket's public id.
pub(crate) enum Open {
    /// It was sent already, as the response to the first request.
    Sent,
    /// This one is sent instead.
    Send(Vec<u8>),
}

/// The stream of one client.
///
/// The order of messages stays: nothing that comes after a frame for the engine is looked at before the engine has
/// asked for more, which it does when it has handled that frame.
pub(crate) struct EventStream<S> {
    carrier: Carrier<S>,
    messages: Messages,
    /// Present until the engine has written its own.
    open: Option<Open>,
    /// What the engine is to have.
    passed: ReadBuffer,
    /// What has been read and not been looked at.
    held: ReadBuffer,
    /// What was read of a WebSocket before it took the place of polling.
    early: ReadBuffer,
    /// `true` if there is too little of it to look at.
    is_partial: bool,
    turn: Turn,
    /// Until when a turn's answers are waited for, and who waits.
    rest: Option<(Pin<Box<Sleep>>, Waker)>,
    /// Until when a client is not read whose events take long.
    overload: Option<Pin<Box<Sleep>>>,
    /// `true` if the last turn's were sent in time.
    is_answering: bool,
    /// `true` if what was written below is to be flushed.
    needs_flush: bool,
    /// `true` if the engine has written its last frame.
    is_closing: bool,
    /// `true` if nothing more is to be read.
    is_over: bool,
    /// `true` if nothing more is to be sent.
    is_broken: bool,
    watch: WriteStall,
}

impl<S> EventStream<S> {
    /// Events that are longer than `longest`, in bytes, are for the engine to judge. A client that does not read what
    /// it is sent for as long as `timeout` is done with.
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
    /// It goes with the engine's last task of the connection.
    fn drop(&mut self) {
        self.connection().end_reading(!self.messages.has_closed);
    }
}

/// From the client.
impl<S: AsyncRead + AsyncWrite + Unpin> EventStream<S> {
    /// Takes the events at the beginning of what has come, and passes the first frame that is none of them.
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
        // An incomplete frame may be waited for long: it is not to keep the memory of all that came before it.
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

    /// The same with what has been read; says how many bytes are done with.
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

    /// Ready when the client is to be read.
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
        // The engine's task that sends waits for this one at every message, and would fall behind.
        if std::mem::take(&mut self.messages.has_asked) && self.is_answering {
            let mut end = Box::pin(tokio::time::sleep(REST));
            if end.as_mut().poll(context).is_pending() {
                self.rest = Some((end, context.waker().clone()));
                return;
            }
        }
        // Woken at once, this task and those like it would keep a thread from looking for what has come for others.
        let _ = pin!(tokio::task::yield_now()).poll(context);
    }
}

/// What to do next.
enum Step {
    More,
    /// Let others have their turn.
    Enough,
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for EventStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        output: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // Before anything is looked at: what changes from now on wakes this task.
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

/// To the client.
impl<S: AsyncWrite + Unpin> EventStream<S> {
    /// Does what keeps a connection going in whichever direction it is polled: changes the transport, sends what waits, and
    /// looks whether the client takes it.
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

    /// Sends what waits, as far as the client takes it.
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
            // By reading, the engine learns of it as well.
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "connection cannot be written");
                self.break_off();
            }
            Poll::Pending => self.watch.begin(),
        }
        // While the queue is full the writer would only find it full again.
        if !self.connection().queue().is_full() {
            self.connection().wake_writer();
        }
    }

    /// Ready when the client does not take what it is sent.
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

    /// Sends whole frames, or keeps what the client does not take.
    fn send(&mut self, frames: &[u8], context: &mut Context<'_>) {
        let is_control = frames.first().is_some_and(|first| first & CONTROL != 0);
        if is_control && self.carrier.is_polling() {
            // It is for a WebSocket that only the engine believes in.
            return;
        }
        let queue = self.messages.connection().queue();
        let sent = match queue.is_empty() {
            true => Pin::new(&mut self.carrier).poll_write(context, frames),
            // Nothing overtakes what waits.
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
            // To be the task that is woken when the client takes more.
            _ => self.connection().wake_reader(),
        }
    }
}

/// Writes what waits; ready when nothing does.
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
        // The engine has learnt of the end, or will by reading.
        if this.is_broken {
            return Poll::Ready(Ok(bytes.len()));
        }
        if let Some(open) = this.open.take() {
            // The first thing that the engine writes is the OPEN packet, in a write of its own.
            if let Open::Send(packet) = open {
                this.send(&packet, context);
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        let is_last = bytes.first() == Some(&CLOSE);
        if this.connection().queue().is_full() && !is_last {
            this.connection().register_writer(context);
            // Nobody may read the connection any more: the engine lets go of that side first.
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
    /// Waits until the client has taken all, for nobody reads the connection any more. One that polls may still fetch it.
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

/// The OPEN packet of a session as a frame (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
pub(crate) fn open_frame(packet: &str) -> Vec<u8> {
    Frame::server_text(packet.as_bytes())
}

#[cfg(test)]
mod tests;
