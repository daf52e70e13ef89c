//! Fuzzes the content of packets. It decodes or is rejected, and decoded values survive a round trip.

mod payloads;

use std::{collections::VecDeque, fmt::Debug};

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    arguments::One,
    javascript,
    message::{Message, RawArguments, decode_auth, message_pack_reader},
    text::Text,
};
use crate::protocol::{Str, Value};
use payloads::for_payload;

/// Runs one input. The first byte selects the payload type and the form of the rest: MessagePack, or JSON and its
/// attachments. Each attachment follows a byte 0xff, which is not valid in text.
#[doc(hidden)]
pub fn arguments(data: &[u8]) {
    let Some((form, content)) = data.split_first() else {
        return;
    };
    let content = match form % 2 {
        0 => Value::Bytes(Bytes::copy_from_slice(content)),
        _ => match json(content) {
            Some(json) => json,
            None => return,
        },
    };
    if let Value::Bytes(bytes) = &content {
        let normal = javascript::normalize(bytes.clone());
        assert_eq!(
            javascript::normalize(normal.clone()),
            normal,
            "it is normal"
        );
    }
    if let Some(message) = Message::from_event(content.clone()) {
        for_payload!(form / 2, read(&message));
        let _ = message.arguments::<(Option<u32>, Option<String>)>(&["first", "last"]);
        let _ = message.arguments::<()>(&[]);
    }
    let answer = Message::from_ack(content.clone());
    for_payload!(form / 2, read(&answer));
    if let Some(RawArguments(answer)) = raw_arguments(&content) {
        for_payload!(form / 2, read(&answer));
    }
    for_payload!(form / 2, auth(&content));
}

fn json(content: &[u8]) -> Option<Value> {
    let mut parts = content.split(|byte| *byte == 0xff);
    let text = std::str::from_utf8(parts.next()?).ok()?;
    let attachments: VecDeque<_> = parts.map(Bytes::copy_from_slice).collect();
    Some(Value::Str(Str::copy_from_slice(text), Some(attachments)))
}

/// Reads arguments as socketioxide hands over a client's acknowledgement, whose depth it has checked.
fn raw_arguments(content: &Value) -> Option<RawArguments> {
    match content {
        Value::Str(text, _) => serde_json::from_str(text.as_str()).ok(),
        Value::Bytes(bytes) => RawArguments::deserialize(&mut message_pack_reader(bytes)).ok(),
    }
}

fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(message: &Message<'_>) {
    if let Ok(One(value)) = message.arguments::<One<T>>(&["value"]) {
        assert_round_trip(value);
    }
}

fn auth<T: DeserializeOwned + Serialize + PartialEq + Debug>(content: &Value) {
    if let Ok(value) = decode_auth::<T>(Some(content)) {
        assert_round_trip(value);
    }
}

/// Asserts that a value survives a round trip. A value that cannot be sent, such as an integer that JavaScript cannot
/// hold or `NaN`, is an error at the sender.
fn assert_round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: T) {
    let arguments = One(value);
    if let Ok(message) = Message::from_outgoing("event", &arguments) {
        assert_eq!(message.event(), "event");
        let back = message
            .arguments::<One<T>>(&["value"])
            .map(|One(back)| back);
        assert_eq!(back.as_ref(), Ok(&arguments.0), "by MessagePack");
    }
    if let Ok(Some(text)) = Text::encode(true, Some("event"), &arguments) {
        let text = text.as_str().expect("JSON is text");
        let message = Message::from_text(text).expect("it is an event");
        let back = message
            .arguments::<One<T>>(&["value"])
            .map(|One(back)| back);
        assert_eq!(back.as_ref(), Ok(&arguments.0), "by JSON");
    }
}
