//! Writing to the client.

use std::{
    io,
    ops::ControlFlow,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::AsyncWrite;

use super::{EventStream, Open};
use crate::connection::{
    carrier::Carrier, read_buffer::ReadBuffer, send_queue::SendQueue, write_stall::WriteStall,
};

/// First byte of a close frame, the last frame of a WebSocket (<https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1>).
const CLOSE: u8 = 0x88;
/// Opcode bit that control frames have and messages do not.
const CONTROL: u8 = 0x08;

impl<S: AsyncWrite + Unpin> EventStream<S> {
    /// Advances the connection, in whichever direction it is polled: completes an upgrade, sends the queue, and checks
    /// that the client takes the data.
    pub(super) fn proceed(&mut self, context: &mut Context<'_>) -> ControlFlow<()> {
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
                tracing::debug!(%error, "failed to write to the connection");
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
                tracing::debug!(%error, "failed to write to the connection");
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
