//! Received packets: the event's name and its arguments, still encoded.

use std::{collections::VecDeque, fmt, marker::PhantomData, ops::Range};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error as _, SeqAccess, Visitor},
};

use super::{
    MAX_DEPTH,
    arguments::{Arguments, ArgumentsSeed, FromArguments, One, Outgoing},
    de::Context,
    javascript,
};
use crate::{
    protocol::{Str, Value},
    wire::de::path::Path,
};

/// Received event or acknowledgement.
pub struct Message<'m> {
    encoded: Encoded<'m>,
    /// Position of the event's name; `None` for an acknowledgement, which has no name.
    event: Option<Range<usize>>,
    /// Maximum number of arguments.
    most: usize,
}

enum Encoded<'m> {
    Json {
        text: Text<'m>,
        attachments: VecDeque<Bytes>,
    },
    MessagePack(Bytes),
}

enum Text<'m> {
    Shared(Str),
    Borrowed(&'m str),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Shared(text) => text.as_str(),
            Self::Borrowed(text) => text,
        }
    }
}

/// Error returned when a payload cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(String);

impl DecodeError {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl<'m> Message<'m> {
    /// Creates a message from a JSON event without binary data; returns `None` unless the text is certainly an event.
    pub(crate) fn from_text(text: &'m str) -> Option<Self> {
        let event = json_event(text)?;
        // The parser rejects a name with escapes.
        let is_plain = !text[event.clone()].contains('\\');
        is_plain.then_some(Self {
            encoded: Encoded::Json {
                text: Text::Borrowed(text),
                attachments: VecDeque::new(),
            },
            event: Some(event),
            most: usize::MAX,
        })
    }
}

impl Message<'static> {
    /// Converts an event from socketioxide; returns `None` if it is not an event, which socketioxide's parser has ruled
    /// out.
    pub(crate) fn from_event(value: Value) -> Option<Self> {
        match value {
            Value::Str(text, attachments) => {
                let event = json_event(text.as_str())?;
                let attachments = attachments.unwrap_or_default();
                Some(Self {
                    encoded: Encoded::Json {
                        text: Text::Shared(text),
                        attachments,
                    },
                    event: Some(event),
                    most: usize::MAX,
                })
            }
            Value::Bytes(bytes) => Self::from_message_pack(javascript::normalize(bytes)),
        }
    }

    /// Reads an event that [`encode`](Self::encode) has written; returns `None` if it is not an event.
    pub(crate) fn from_message_pack(bytes: Bytes) -> Option<Self> {
        let event = message_pack_event(&bytes)?;
        Some(Self {
            encoded: Encoded::MessagePack(bytes),
            event: Some(event),
            most: usize::MAX,
        })
    }

    /// Creates the message that a receiver of these outgoing arguments would see.
    pub(crate) fn from_outgoing(
        event: &str,
        arguments: &dyn Arguments,
    ) -> Result<Self, DecodeError> {
        Self::from_message_pack(Self::encode(event, arguments)?)
            .ok_or_else(|| DecodeError::new("failed to encode the event"))
    }

    /// Creates an acknowledgement from the output of [`encode_answer`](Self::encode_answer).
    pub(crate) fn from_answer(bytes: Bytes) -> Self {
        Self {
            encoded: Encoded::MessagePack(bytes),
            event: None,
            most: usize::MAX,
        }
    }

    /// Reads a JSON event without binary data; returns `None` if it is not an event.
    pub(crate) fn from_json(text: String) -> Option<Self> {
        Self::from_event(Value::Str(text.into(), None))
    }

    /// Converts the output of [`encode_answer`](Self::encode_answer) to the single value with which Node's servers
    /// answer.
    pub(crate) fn answer_as_json(bytes: &[u8]) -> Option<serde_json::Value> {
        let arguments = Vec::<serde_json::Value>::deserialize(&mut message_pack_reader(bytes));
        arguments.ok()?.into_iter().next()
    }

    /// Converts an event and its arguments to JSON.
    pub(crate) fn as_json(bytes: &[u8]) -> Result<serde_json::Value, DecodeError> {
        serde_json::Value::deserialize(&mut message_pack_reader(bytes)).map_err(DecodeError::new)
    }

    /// Returns the arguments of an acknowledgement, in the form that [`from_answer`](Self::from_answer) reads. A
    /// message in JSON, which a [`RawArguments`] never is, has none.
    pub(crate) fn into_answer(self) -> Bytes {
        match self.encoded {
            Encoded::MessagePack(bytes) => bytes,
            Encoded::Json { .. } => Bytes::new(),
        }
    }

    /// Converts the acknowledgement of a client.
    pub(crate) fn from_ack(value: Value) -> Self {
        let encoded = match value {
            Value::Str(text, attachments) => Encoded::Json {
                text: Text::Shared(text),
                attachments: attachments.unwrap_or_default(),
            },
            Value::Bytes(bytes) => Encoded::MessagePack(javascript::normalize(bytes)),
        };
        Self {
            encoded,
            event: None,
            most: usize::MAX,
        }
    }

    /// Encodes the arguments of an acknowledgement.
    pub(crate) fn encode_answer(arguments: &dyn Arguments) -> Result<Bytes, DecodeError> {
        message_pack(&Outgoing(arguments)).map(Bytes::from)
    }

    /// Encodes an event as MessagePack.
    pub(crate) fn encode(event: &str, arguments: &dyn Arguments) -> Result<Bytes, DecodeError> {
        let mut bytes = Vec::new();
        write_array_len(&mut bytes, arguments.count() + 1)?;
        let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map();
        event.serialize(&mut serializer).map_err(DecodeError::new)?;
        // The arguments are written as a separate array; its header is dropped to append them to the name.
        let encoded = message_pack(&Outgoing(arguments))?;
        bytes.extend_from_slice(&encoded[array_header_len(arguments.count())..]);
        Ok(bytes.into())
    }
}

impl Message<'_> {
    /// Limits the number of arguments; a message with more does not decode.
    pub(crate) fn at_most(self, arguments: usize) -> Self {
        Self {
            most: arguments,
            ..self
        }
    }

    /// Returns the event's name on the wire; empty for an acknowledgement.
    pub fn event(&self) -> &str {
        let Some(range) = self.event.clone() else {
            return "";
        };
        match &self.encoded {
            Encoded::Json { text, .. } => text.as_str().get(range).unwrap_or_default(),
            Encoded::MessagePack(bytes) => bytes
                .get(range)
                .and_then(|name| std::str::from_utf8(name).ok())
                .unwrap_or_default(),
        }
    }

    /// Decodes the arguments; `names` are the arguments' names for the error.
    pub fn arguments<A: FromArguments>(&self, names: &[&'static str]) -> Result<A, DecodeError> {
        let mut index = 0;
        self.read(names, &mut index, None).or_else(|_| {
            // After an error, the message is read again, this time recording the path to the error.
            let path = Path::default();
            let mut index = 0;
            self.read(names, &mut index, Some(&path))
                .map_err(|error| match names.get(index) {
                    Some(name) => DecodeError(format!("argument `{name}{path}`: {error}")),
                    None => DecodeError(error),
                })
        })
    }

    /// Decodes the arguments; returns `None` if they are invalid.
    pub(crate) fn try_arguments<A: FromArguments>(&self, names: &[&'static str]) -> Option<A> {
        self.read(names, &mut 0, None).ok()
    }

    fn read<A: FromArguments>(
        &self,
        names: &[&'static str],
        index: &mut usize,
        path: Option<&Path>,
    ) -> Result<A, String> {
        let attachments = match &self.encoded {
            Encoded::Json { attachments, .. } => Some(attachments),
            Encoded::MessagePack(_) => None,
        };
        let seed = ArgumentsSeed {
            context: Context { attachments, path },
            names,
            index,
            skip_event: self.event.is_some(),
            most: self.most,
            arguments: PhantomData,
        };
        match &self.encoded {
            Encoded::Json { text, .. } => {
                let mut json = serde_json::Deserializer::from_str(text.as_str());
                seed.deserialize(&mut json)
                    .and_then(|arguments| json.end().map(|()| arguments))
                    .map_err(|error| without_position(&error))
            }
            Encoded::MessagePack(bytes) => seed
                .deserialize(&mut message_pack_reader(bytes))
                .map_err(|error| error.to_string()),
        }
    }
}

/// Decodes the `auth` of a handshake. Without one, `null` is decoded or, for a struct of optional fields, `{}`.
pub(crate) fn decode_auth<T: serde::de::DeserializeOwned>(
    auth: Option<&Value>,
) -> Result<T, DecodeError> {
    match auth {
        Some(Value::Str(text, _)) => serde_json::from_str(text.as_str())
            .map_err(|error| DecodeError(without_position(&error))),
        Some(Value::Bytes(bytes)) => {
            let message = Message {
                encoded: Encoded::MessagePack(javascript::normalize(array_of_one(bytes))),
                event: None,
                most: usize::MAX,
            };
            message.arguments::<One<T>>(&["auth"]).map(|One(auth)| auth)
        }
        None => serde_json::from_str("null")
            .or_else(|_| serde_json::from_str("{}"))
            .map_err(|error| DecodeError(without_position(&error))),
    }
}

fn array_of_one(element: &[u8]) -> Bytes {
    let mut array = Vec::with_capacity(element.len() + 1);
    array.push(0x91);
    array.extend_from_slice(element);
    array.into()
}

/// Removes serde_json's position, which refers to a packet that nobody sees; the path is more helpful.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) if error.line() > 0 => text[..end].to_owned(),
        _ => text,
    }
}

/// Returns the position of an event's name. The parser has read the name as a borrowed `&str`, so it is between the
/// first two quotes, without escapes.
fn json_event(text: &str) -> Option<Range<usize>> {
    let start = text.find('"')? + 1;
    let len = text.get(start..)?.find('"')?;
    Some(start..start + len)
}

fn message_pack_event(bytes: &[u8]) -> Option<Range<usize>> {
    let mut rest = bytes;
    rmp::decode::read_array_len(&mut rest).ok()?;
    let (name, _) = rmp::decode::read_str_from_slice(rest).ok()?;
    let start = name.as_ptr() as usize - bytes.as_ptr() as usize;
    Some(start..start + name.len())
}

fn write_array_len(bytes: &mut Vec<u8>, len: usize) -> Result<(), DecodeError> {
    let len = u32::try_from(len).map_err(DecodeError::new)?;
    rmp::encode::write_array_len(bytes, len)
        .map(drop)
        .map_err(DecodeError::new)
}

fn array_header_len(len: usize) -> usize {
    match len {
        0..=15 => 1,
        16..=0xffff => 3,
        _ => 5,
    }
}

/// Creates a MessagePack reader that limits the depth of values as in JSON. Its default limit would overflow a task's
/// stack.
pub(super) fn message_pack_reader(
    bytes: &[u8],
) -> rmp_serde::Deserializer<rmp_serde::decode::ReadRefReader<'_, [u8]>> {
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    reader.set_max_depth(MAX_DEPTH);
    reader
}

pub(super) fn message_pack<T: ?Sized + Serialize>(value: &T) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    value
        .serialize(&mut rmp_serde::Serializer::new(&mut bytes).with_struct_map())
        .map_err(DecodeError::new)?;
    Ok(bytes)
}

/// Arguments of an acknowledgement, as socketioxide's own stream hands them over.
///
/// They are kept as MessagePack, in which binary data needs no placeholder, and decoded once their type is known.
pub(crate) struct RawArguments(pub(crate) Message<'static>);

impl<'de> Deserialize<'de> for RawArguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A tuple makes the parser hand over all arguments and not only the first.
        deserializer.deserialize_tuple(usize::MAX, RawArgumentsVisitor)
    }
}

struct RawArgumentsVisitor;

impl<'de> Visitor<'de> for RawArgumentsVisitor {
    type Value = RawArguments;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the arguments of an acknowledgement")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<RawArguments, S::Error> {
        let mut elements = Vec::new();
        let mut count = 0;
        while sequence
            .next_element_seed(Transcode(&mut elements))?
            .is_some()
        {
            count += 1;
        }
        let mut bytes = Vec::with_capacity(elements.len() + 5);
        write_array_len(&mut bytes, count).map_err(S::Error::custom)?;
        bytes.append(&mut elements);
        Ok(RawArguments(Message {
            encoded: Encoded::MessagePack(bytes.into()),
            event: None,
            most: usize::MAX,
        }))
    }
}

struct Transcode<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Transcode<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let mut serializer = rmp_serde::Serializer::new(self.0).with_struct_map();
        serde_transcode::transcode(deserializer, &mut serializer).map_err(D::Error::custom)
    }
}
