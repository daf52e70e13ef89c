//! A WebSocket connection on its way to the engine, out of which plain events are taken.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

use super::{
    frame::Frame,
    link::Reading,
    messages::{HELD, Messages, Source, Taken, Verdict},
    queue::Queue,
    stuck::Watch,
};
use crate::metrics;

/// How much is read at once, in bytes.
const READ: usize = 32 * 1024;
/// How many frames are handled before others have their turn: what they are answered with waits in the send buffer until
/// then.
const BATCH: usize = 32;
/// How long a turn's answers are waited for at most.
const REST: Duration = Duration::from_millis(5);

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
    held: Queue,
    /// Whether there is too little of it to look at.
    is_partial: bool,
    /// How many frames may be handled before others have their turn.
    left: usize,
    /// Until when a turn's answers are waited for, and who waits.
    rest: Option<(Pin<Box<Sleep>>, Waker)>,
    /// Whether the last turn's were sent in time.
    is_answering: bool,
    /// Whether nothing more is to be read.
    is_over: bool,
    /// Whether nothing more is to be sent.
    is_broken: bool,
    watch: Watch,
}

impl<S> EventStream<S> {
    /// Events that are longer than `longest`, in bytes, are for the engine to judge. A client that does not read what
    /// it is sent for as long as `patience` is done with.
    pub(super) fn new(inner: S, source: Source, longest: usize, patience: Duration) -> Self {
        Self {
            inner,
            messages: Messages::new(source, longest),
            passed: Queue::default(),
            held: Queue::default(),
            is_partial: false,
            left: BATCH,
            rest: None,
            is_answering: false,
            is_over: false,
            is_broken: false,
            watch: Watch::new(patience),
        }
    }

    /// Ends the connection for both sides.
    fn break_off(&mut self) {
        self.end();
        self.is_broken = true;
        self.watch.release();
        if let Some(link) = self.messages.link() {
            link.close();
        }
    }

    /// Whether the engine is not done with what a connection begins with that changes from polling. What waits for the
    /// client is sent after that.
    fn is_changing(&self) -> bool {
        !self.messages.probe.is_empty() || !self.passed.is_empty()
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
            true => Queue::of(held.rest()),
            false => held,
        };
        Poll::Ready(Ok(step))
    }

    fn read(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<Step>> {
        let held = self.held.rest();
        let start = held.len();
        buffer[..start].copy_from_slice(held);
        let mut space = ReadBuf::new(&mut buffer[start..]);
        let read = ready!(Pin::new(&mut self.inner).poll_read(context, &mut space));
        let count = space.filled().len();
        if let Err(error) = read
            && self.messages.probe.is_empty()
        {
            return Poll::Ready(Err(error));
        }
        self.held = Queue::default();
        if count == 0 {
            if self.messages.probe.is_empty() {
                self.passed.fill(&buffer[..start]);
            }
            self.end();
            return Poll::Ready(Ok(Step::More));
        }
        let input = &mut buffer[..start + count];
        let (done, step) = self.look(input);
        self.held = Queue::of(&input[done..]);
        Poll::Ready(Ok(step))
    }

    /// The same with what has been read; says how many bytes are done with.
    fn look(&mut self, input: &mut [u8]) -> (usize, Step) {
        let Taken { taken, verdict } = self.messages.take(input, &mut self.left);
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
                self.end();
                (input.len(), Step::More)
            }
        }
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
        if this.watch.poll_stuck(context).is_ready() {
            this.give_up();
        }
        match this.messages.link().map(|link| link.reading(context)) {
            Some(Reading::Paused) if !this.is_over && !this.is_changing() => return Poll::Pending,
            Some(Reading::Closed) if !this.is_broken => this.break_off(),
            _ => {}
        }
        if let Some((end, waker)) = &mut this.rest {
            waker.clone_from(context.waker());
            ready!(end.as_mut().poll(context));
            this.rest = None;
            this.is_answering = false;
        }
        loop {
            if this.passed.pour(output) || this.is_over {
                return Poll::Ready(Ok(()));
            }
            match this.advance(context) {
                Poll::Ready(Ok(Step::More)) => continue,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(Step::Enough)) => {
                    this.left = BATCH;
                    // The engine's task that sends waits for this one at every message, and would fall behind.
                    if std::mem::take(&mut this.messages.has_asked) && this.is_answering {
                        let mut end = Box::pin(tokio::time::sleep(REST));
                        if end.as_mut().poll(context).is_pending() {
                            this.rest = Some((end, context.waker().clone()));
                            return Poll::Pending;
                        }
                    }
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => {
                    this.left = BATCH;
                    this.messages.has_asked = false;
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<S> EventStream<S> {
    /// Ends the connection of a client that does not read.
    #[cold]
    fn give_up(&mut self) {
        metrics::connection_ended("does_not_read");
        tracing::info!("a client does not read what it is sent: its connection is ended");
        self.break_off();
    }

    /// Notes what became of a write or a flush; `instead` is what it gives once the connection is ended.
    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        done: Poll<io::Result<T>>,
        instead: T,
    ) -> Poll<io::Result<T>> {
        if done.is_pending() {
            self.watch.begin(context);
            if self.watch.poll_stuck(context).is_ready() {
                self.give_up();
                return Poll::Ready(Ok(instead));
            }
        }
        done
    }

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
        // The engine has learnt of the end, or will by reading.
        if self.is_broken {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        let written = ready!(self.written(context, written, bytes.len()));
        self.watch.advance(*written.as_ref().unwrap_or(&0));
        Poll::Ready(self.forgive(written, bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_broken {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        let flushed = ready!(self.written(context, flushed, ()));
        self.watch.end();
        if let Some(link) = self.messages.link() {
            link.note_sent();
        }
        // This is done when nothing waits to be sent any more.
        self.is_answering = true;
        if let Some((_, waker)) = self.rest.take() {
            waker.wake();
        }
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
        let len = slices.iter().map(|slice| slice.len()).sum();
        if self.is_broken {
            return Poll::Ready(Ok(len));
        }
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        let written = ready!(self.written(context, written, len));
        self.watch.advance(*written.as_ref().unwrap_or(&0));
        Poll::Ready(self.forgive(written, len))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
