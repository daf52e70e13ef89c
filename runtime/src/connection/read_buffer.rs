//! Buffer of bytes that are read in pieces.

use tokio::io::ReadBuf;

/// Buffer of bytes that are read in pieces.
#[derive(Default)]
pub(crate) struct ReadBuffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) read: usize,
}

impl ReadBuffer {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        Self { bytes, read: 0 }
    }

    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.read..]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// Adds bytes after all earlier bytes have been read.
    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Copies bytes to the output; returns `false` if the buffer was empty.
    pub(crate) fn pour(&mut self, output: &mut ReadBuf<'_>) -> bool {
        let rest = self.rest();
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
