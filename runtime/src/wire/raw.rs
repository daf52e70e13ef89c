//! Arguments whose types are not known to this server, from an emit of another server.

use bytes::Bytes;
use serde::{Serialize, Serializer, ser::SerializeTuple};

use super::{
    arguments::{Arguments, outgoing},
    message::{DecodeError, message_pack, message_pack_reader},
};

/// Encoded arguments.
pub(crate) struct Raw(pub(crate) Vec<Bytes>);

impl Raw {
    /// Encodes the arguments of an emit.
    pub(crate) fn encode(arguments: &dyn Arguments) -> Result<Vec<Bytes>, DecodeError> {
        outgoing(arguments)
            .map(|argument| message_pack(&argument).map(Bytes::from))
            .collect()
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for element in &self.0 {
            tuple.serialize_element(&Transcoded(element))?;
        }
        tuple.end()
    }
}

struct Transcoded<'a>(&'a [u8]);

impl Serialize for Transcoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_transcode::Transcoder::new(&mut message_pack_reader(self.0)).serialize(serializer)
    }
}
