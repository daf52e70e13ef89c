//! Encoding of packets.

/// Encoding of packets; client and server must use the same one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parser {
    /// JSON with binary attachments, the default of every client.
    #[default]
    Common,
    /// [MessagePack](https://socket.io/docs/v4/custom-parser/#the-msgpack-parser): the client needs
    /// `socket.io-msgpack-parser`.
    Msgpack,
}
