//! Arguments whose types are not known here: those of another server's emit.

use bytes::Bytes;
use serde::{Serialize, Serializer, ser::SerializeTuple};

use super::{Arguments, DecodeError, message::message_pack};

/// Encoded arguments, one by one.
pub(crate) struct Raw(pub(crate) Vec<Bytes>);

impl Raw {
    /// Encodes the arguments of an emit.
    pub(crate) fn encode<A: Arguments>(arguments: &A) -> Result<Vec<Bytes>, DecodeError> {
        let mut elements = Elements(Vec::with_capacity(A::COUNT));
        arguments.write(&mut elements)?;
        Ok(elements.0)
    }
}

struct Elements(Vec<Bytes>);

impl SerializeTuple for Elements {
    type Ok = ();
    type Error = DecodeError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), DecodeError> {
        self.0.push(message_pack(&value)?.into());
        Ok(())
    }

    fn end(self) -> Result<(), DecodeError> {
        Ok(())
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
        let mut deserializer = rmp_serde::Deserializer::from_read_ref(self.0);
        serde_transcode::Transcoder::new(&mut deserializer).serialize(serializer)
    }
}
