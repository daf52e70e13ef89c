//! JSON packets, encoded here and given to the parser in one piece.
//!
//! The parser would call a separate serializer for every value, with a buffer that starts empty and grows. Here,
//! `serde_json` alone writes the packet into a buffer that is reused, and the parser copies it once.

use std::{
    cell::Cell,
    io::{self, ErrorKind},
};

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::arguments::Arguments;

/// Error returned when a payload cannot be encoded.
#[derive(Debug)]
pub(crate) struct EncodeError(pub(crate) String);

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Maximum capacity, in bytes, of a buffer that is kept for reuse.
const KEPT: usize = 64 * 1024;

/// Text of a packet: the event's name, if it has one, and its arguments.
pub(crate) struct Text(Vec<u8>);

impl Text {
    /// Encodes a packet. Returns `None` if the parser does not write JSON, or if the packet has binary data, which only
    /// the parser can attach.
    pub(crate) fn encode(
        is_json: bool,
        event: Option<&str>,
        arguments: &dyn Arguments,
    ) -> Result<Option<Self>, EncodeError> {
        if !is_json {
            return Ok(None);
        }
        let mut text = Self(BUFFER.take());
        text.0.clear();
        match text.write(event, arguments) {
            Ok(()) => Ok(Some(text)),
            Err(error) if error.io_error_kind() == Some(BINARY) => Ok(None),
            Err(error) => Err(EncodeError(error.to_string())),
        }
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    fn write(&mut self, event: Option<&str>, arguments: &dyn Arguments) -> serde_json::Result<()> {
        self.0.push(b'[');
        let mut json = Json {
            text: &mut self.0,
            is_first: true,
        };
        if let Some(event) = event {
            json.write(event)?;
        }
        let mut index = 0;
        while let Some(argument) = arguments.get(index) {
            argument.write_json(&mut json)?;
            index += 1;
        }
        self.0.push(b']');
        Ok(())
    }
}

/// Writer for the values of a packet.
pub struct Json<'t> {
    text: &'t mut Vec<u8>,
    is_first: bool,
}

impl Json<'_> {
    pub(super) fn write<T: ?Sized + Serialize>(&mut self, value: &T) -> serde_json::Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(b',');
        }
        value.serialize(&mut serde_json::Serializer::with_formatter(
            &mut *self.text,
            NoBinary,
        ))
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        if self.0.capacity() <= KEPT {
            BUFFER.with(|buffer| buffer.set(std::mem::take(&mut self.0)));
        }
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The parsers write the content of a newtype as the whole packet.
        serializer.serialize_newtype_struct("Text", &Verbatim(&self.0))
    }
}

/// JSON that is written unchanged, like a `serde_json::value::RawValue`, which would have to parse the text.
struct Verbatim<'a>(&'a [u8]);

impl Serialize for Verbatim<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const TOKEN: &str = "$serde_json::private::RawValue";
        let text = std::str::from_utf8(self.0).map_err(serde::ser::Error::custom)?;
        let mut value = serializer.serialize_struct(TOKEN, 1)?;
        value.serialize_field(TOKEN, text)?;
        value.end()
    }
}

/// Kind of the error with which [`NoBinary`] rejects binary data.
const BINARY: ErrorKind = ErrorKind::Unsupported;

/// Formatter for compact JSON without binary data.
struct NoBinary;

impl serde_json::ser::Formatter for NoBinary {
    fn write_byte_array<W: ?Sized + io::Write>(&mut self, _: &mut W, _: &[u8]) -> io::Result<()> {
        Err(BINARY.into())
    }
}
