//! Reading from the client.

use std::{
    cell::Cell,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::EventStream;
use crate::connection::{
    connection::reading::Reading,
    messages::{HELD, Taken, Turn, Verdict},
    read_buffer::ReadBuffer,
};

/// Maximum number of bytes per read.
pub(super) const READ: usize = 32 * 1024;
/// Maximum time to wait until a turn's acknowledgements are sent.
const REST: Duration = Duration::from_millis(5);
/// Time for which a client is not read when too many of its events are in progress. After it, the client's heartbeats
/// are read, and its events are rejected.
const OVERLOAD: Duration = Duration::from_secs(5);

thread_local! {
    /// Buffer that connections are read into, one at a time.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

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
