//! How packets are encoded.

/// How packets are encoded; both sides must agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parser {
    /// JSON with binary attachments, what clients speak without being told.
    #[default]
    Common,
    /// [MessagePack](https://socket.io/docs/v4/custom-parser/#the-msgpack-parser): the client needs
    /// `socket.io-msgpack-parser`.
    Msgpack,
}
