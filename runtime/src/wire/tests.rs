//! Tests that random values survive a round trip through both encodings.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use socketioxide_core::{
    Value,
    packet::{Packet, PacketData},
    parser::{Parse, ParseConfig, ParserState},
};
use socketioxide_parser_common::CommonParser;
use socketioxide_parser_msgpack::MsgPackParser;

use super::{
    MAX_SAFE_INTEGER,
    arguments::{One, Outgoing, arg},
    binary::Binary,
    message::{Message, RawArguments},
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
struct Id(u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
struct Marker;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
struct Blob(Binary);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
enum Variant {
    Unit,
    Newtype(Option<Binary>),
    Tuple(Binary, String),
    Struct { blob: Blob, text: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    One(Binary),
    Two { text: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
struct Everything {
    id: Id,
    marker: Marker,
    text: String,
    character: char,
    signed: i64,
    unsigned: u64,
    float: f64,
    flag: bool,
    pair: (i8, String),
    binary: Option<Blob>,
    list: Vec<Option<Binary>>,
    by_text: BTreeMap<String, Binary>,
    by_number: BTreeMap<i64, Variant>,
    by_flag: BTreeMap<bool, u8>,
    variants: Vec<Variant>,
    adjacent: Vec<Adjacent>,
}

fn binary() -> impl Strategy<Value = Binary> {
    proptest::collection::vec(any::<u8>(), 0..8).prop_map(Binary::from)
}

fn variant() -> impl Strategy<Value = Variant> {
    prop_oneof![
        Just(Variant::Unit),
        proptest::option::of(binary()).prop_map(Variant::Newtype),
        (binary(), ".*").prop_map(|(bytes, text)| Variant::Tuple(bytes, text)),
        (binary(), proptest::option::of(".*")).prop_map(|(bytes, text)| Variant::Struct {
            blob: Blob(bytes),
            text
        }),
    ]
}

fn adjacent() -> impl Strategy<Value = Adjacent> {
    prop_oneof![
        binary().prop_map(Adjacent::One),
        ".*".prop_map(|text| Adjacent::Two { text }),
    ]
}

fn safe_integer() -> impl Strategy<Value = i64> {
    let limit = MAX_SAFE_INTEGER as i64;
    prop_oneof![-limit..=limit, Just(limit), Just(-limit), -3_i64..3]
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("not finite", |number| number.is_finite())
}

prop_compose! {
    fn everything()(
        id in any::<u32>(),
        text in ".*",
        character in any::<char>(),
        signed in safe_integer(),
        unsigned in 0..=MAX_SAFE_INTEGER,
        float in finite(),
        flag in any::<bool>(),
        pair in (any::<i8>(), ".*"),
        binary in proptest::option::of(binary()),
        list in proptest::collection::vec(proptest::option::of(binary()), 0..4),
        maps in (
            proptest::collection::btree_map(".*", binary(), 0..3),
            proptest::collection::btree_map(safe_integer(), variant(), 0..3),
            proptest::collection::btree_map(any::<bool>(), any::<u8>(), 0..3),
        ),
        variants in proptest::collection::vec(variant(), 0..4),
        adjacent in proptest::collection::vec(adjacent(), 0..3),
    ) -> Everything {
        let (by_text, by_number, by_flag) = maps;
        Everything {
            id: Id(id), marker: Marker, text, character, signed, unsigned, float, flag, pair,
            binary: binary.map(Blob), list, by_text, by_number, by_flag, variants, adjacent,
        }
    }
}

/// Encodes an event as the parser sends it, and parses it as the parser receives it.
fn through<P: Parse>(parser: P, value: &Everything, event: Option<&str>) -> Value {
    let payload = Outgoing((arg::borrowed::<Everything, _>(value),));
    let encoded = parser
        .encode_value(&payload, event)
        .expect("every value of this type can be sent");
    let packet = match event {
        Some(_) => Packet::event("/", encoded),
        None => Packet::ack("/", encoded, 1),
    };
    match receive(parser, parser.encode(packet)).inner {
        PacketData::Event(value, _)
        | PacketData::BinaryEvent(value, _)
        | PacketData::EventAck(value, _)
        | PacketData::BinaryAck(value, _) => value,
        other => panic!("not what was sent: {other:?}"),
    }
}

fn receive<P: Parse>(parser: P, encoded: Value) -> Packet {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    match encoded {
        Value::Bytes(bytes) => parser.decode_bin(&config, &state, bytes),
        Value::Str(text, attachments) => attachments
            .unwrap_or_default()
            .into_iter()
            .fold(parser.decode_str(&config, &state, text), |_, bytes| {
                parser.decode_bin(&config, &state, bytes)
            }),
    }
    .expect("the parser reads what it has written")
}

fn event_back<P: Parse>(parser: P, value: &Everything) -> Everything {
    let message = Message::from_event(through(parser, value, Some("event"))).expect("an event");
    assert_eq!(message.event(), "event");
    let (back,) = message.arguments(&["value"]).expect("it decodes");
    back
}

fn acknowledgement_back<P: Parse>(parser: P, value: &Everything) -> Everything {
    let mut value = through(parser, value, None);
    let RawArguments(message) = parser
        .decode_value(&mut value, false)
        .expect("any acknowledgement is read");
    let (back,) = message.arguments(&["value"]).expect("it decodes");
    back
}

/// Returns `false` if the first key of a map has an escape, which socketioxide's acknowledgement parser cannot read
/// because it borrows that key.
fn is_readable_as_acknowledgement(value: &Everything) -> bool {
    !value.by_text.keys().any(|key| {
        key.chars()
            .any(|c| c.is_control() || matches!(c, '"' | '\\'))
    })
}

proptest! {
    #[test]
    fn event_round_trips(value in everything()) {
        prop_assert_eq!(&event_back(CommonParser, &value), &value);
        prop_assert_eq!(&event_back(MsgPackParser, &value), &value);
    }

    #[test]
    fn acknowledgement_round_trips(value in everything()) {
        if is_readable_as_acknowledgement(&value) {
            prop_assert_eq!(&acknowledgement_back(CommonParser, &value), &value);
        }
        prop_assert_eq!(&acknowledgement_back(MsgPackParser, &value), &value);
    }

    #[test]
    fn outgoing_event_can_be_decoded(value in everything()) {
        let arguments = (arg::borrowed::<Everything, _>(&value), arg::value(5_u8));
        let message = Message::from_outgoing("event", &arguments).expect("it encodes");
        prop_assert_eq!(message.event(), "event");
        let (back, five) = message.arguments::<(Everything, u8)>(&["value", "five"]).expect("it decodes");
        prop_assert_eq!((back, five), (value, 5));
    }

    #[test]
    fn unsafe_integer_is_never_sent(number in MAX_SAFE_INTEGER + 1..) {
        for result in [
            CommonParser.encode_value(&Outgoing(One(number)), Some("event")),
            MsgPackParser.encode_value(&Outgoing(One(-(i128::from(number)))), Some("event")),
        ] {
            let error = result.expect_err("it is refused").to_string();
            prop_assert!(error.contains("2^53 - 1"), "{}", error);
        }
    }

    #[test]
    fn decoding_never_panics(text in ".*", bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for value in [
            Value::Str(format!("[\"event\",{text}]").into(), None),
            Value::Str(text.into(), Some([bytes.clone().into()].into())),
            Value::Bytes(bytes.into()),
        ] {
            if let Some(message) = Message::from_event(value) {
                let _ = message.arguments::<(Everything, Option<Binary>)>(&["value", "binary"]);
                let _ = message.event();
            }
        }
    }
}

fn decode<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    Message::from_event(Value::Str(format!("[\"event\",{json}]").into(), None))
        .expect("an event")
        .arguments::<One<T>>(&["value"])
        .map(|One(value)| value)
        .map_err(|error| error.to_string())
}

#[test]
fn decode_error_has_a_path() {
    assert_eq!(
        decode::<String>("5"),
        Err("argument `value`: invalid type: integer `5`, expected a string".into())
    );
    let nested = r#"{"a":[{"b":1},{"b":"x"}]}"#;
    assert_eq!(
        decode::<BTreeMap<String, Vec<BTreeMap<String, u8>>>>(nested),
        Err("argument `value.a[1].b`: invalid type: string \"x\", expected u8".into())
    );
}

#[test]
fn map_with_num_key_is_not_a_placeholder() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Item {
        Blob {
            num: u8,
            bytes: Binary,
        },
        Nested {
            num: Vec<Item>,
            _placeholder: Option<bool>,
        },
        Bytes(Binary),
    }
    let read = |json: &str| {
        let text = format!("[\"event\",{json}]").into();
        let attachments = Some([vec![1].into(), vec![2].into()].into());
        let message = Message::from_event(Value::Str(text, attachments)).expect("an event");
        message
            .arguments::<One<Item>>(&["value"])
            .map(|One(item)| item)
    };
    let bytes = |byte: u8| Binary::from(vec![byte]);
    let blob = |num, byte| Item::Blob {
        num,
        bytes: bytes(byte),
    };
    let second = r#"{"_placeholder":true,"num":1}"#;
    assert_eq!(read(second), Ok(Item::Bytes(bytes(2))));
    assert_eq!(
        read(r#"{"num":1,"_placeholder":true}"#),
        Ok(Item::Bytes(bytes(2)))
    );
    assert_eq!(
        read(&format!(r#"{{"num":7,"bytes":{second}}}"#)),
        Ok(blob(7, 2))
    );
    assert_eq!(
        read(&format!(r#"{{"bytes":{second},"num":7}}"#)),
        Ok(blob(7, 2))
    );
    for mark in [r#","_placeholder":false"#, ""] {
        let nested = Item::Nested {
            num: vec![blob(7, 2), Item::Bytes(bytes(2))],
            _placeholder: (!mark.is_empty()).then_some(false),
        };
        let json = format!(r#"{{"num":[{{"num":7,"bytes":{second}}},{second}]{mark}}}"#);
        assert_eq!(read(&json), Ok(nested));
    }
    for wrong in [
        r#"{"_placeholder":true}"#,
        r#"{"_placeholder":true,"num":2}"#,
        r#"{"_placeholder":true,"num":-1}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn placeholder_without_attachment_is_rejected() {
    let placeholder = r#"{"_placeholder":true,"num":0}"#;
    assert_eq!(
        decode::<Binary>(placeholder),
        Err("argument `value`: missing attachment 0".into())
    );
    assert_eq!(
        decode::<Binary>("[1,2]"),
        Err("argument `value`: invalid type: sequence, expected binary data".into())
    );
}
