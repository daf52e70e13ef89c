//! Transport below a connection's stream.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::polling::BoxedStream;

/// Transport below a connection's stream.
pub(crate) enum Carrier<S> {
    /// A WebSocket from the start.
    WebSocket(S),
    /// HTTP long-polling; its requests move the packets themselves.
    Polling,
    /// A WebSocket after an upgrade from polling.
    Upgraded(BoxedStream),
}

impl<S> Carrier<S> {
    pub(crate) fn is_polling(&self) -> bool {
        matches!(self, Self::Polling)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Carrier<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::WebSocket(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Upgraded(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Polling => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Carrier<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::WebSocket(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Upgraded(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Polling => Poll::Pending,
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::WebSocket(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Upgraded(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Polling => Poll::Pending,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::WebSocket(stream) => Pin::new(stream).poll_flush(context),
            Self::Upgraded(stream) => Pin::new(stream).poll_flush(context),
            Self::Polling => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::WebSocket(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Upgraded(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Polling => Poll::Ready(Ok(())),
        }
    }
}
