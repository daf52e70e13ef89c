//! Encoding of packets.

/// Encoding of packets ([parser](https://socket.io/docs/v4/custom-parser/)); client and server must use the same one.
///
/// ```
/// use sio_types::{Parser, SocketIo};
///
/// let (layer, io) = SocketIo::builder().parser(Parser::Msgpack).build_layer();
/// ```
///
/// See also the guide to the [wire format](crate::guide::wire#parsers).
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
