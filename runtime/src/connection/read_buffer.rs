//! Bytes that are read little by little.

use tokio::io::ReadBuf;

/// Bytes that are read little by little.
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

    /// Takes up bytes after all that were there have been read.
    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// `true` if there was anything to give.
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
