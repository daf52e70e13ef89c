//! Binary payloads.

use std::{borrow::Cow, fmt, ops::Deref};

use bytes::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use sio_types_schema::keys;

/// Bytes that travel as a Socket.IO [binary attachment](https://socket.io/docs/v4/emitting-events/#binary-events). They
/// may be anywhere in a payload: in a field, an `Option`, a newtype, an enum variant, a list or a map.
///
/// ```
/// use sio_types::prelude::*;
///
/// #[payload]
/// struct Image {
///     name: String,
///     data: Binary,
/// }
///
/// let image = Image { name: "cat.png".to_owned(), data: vec![0x89, b'P', b'N', b'G'].into() };
/// assert_eq!(image.data.len(), 4);
/// ```
///
/// A client receives a `Buffer` in Node and an `ArrayBuffer` in a browser, and may send either, any typed array or a
/// `Blob`. The official client (`socket.io-parser` 4.2.7) closes the connection when a packet has more than ten
/// attachments; combine the bytes into fewer of them. A `Vec<u8>`, in contrast, is sent as an array of numbers.
///
/// See also the guide to [binary data](crate::guide::events#binary-data).
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Binary(pub Bytes);

impl Binary {
    /// Returns the bytes, without copying them.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.0.len())
    }
}

impl Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Binary {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<Bytes> for Binary {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Binary {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BinaryVisitor)
    }
}

struct BinaryVisitor;

impl Visitor<'_> for BinaryVisitor {
    type Value = Binary;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("binary data")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Binary, E> {
        Ok(bytes.into())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Binary, E> {
        Ok(bytes.into())
    }
}

impl JsonSchema for Binary {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Binary".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "sio_types::Binary".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "binary", (keys::BINARY): true })
    }
}
