//! Payloads that cover every kind of deserialization.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wire::binary::Binary;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Blob(Binary);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plain {
    flag: bool,
    small: u8,
    signed: i64,
    single: f32,
    double: f64,
    character: char,
    text: String,
    unit: Unit,
    pair: (i8, Option<String>),
    nothing: (),
}

/// Accepts any object; all of its fields are unknown.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Empty {}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Colour {
    Red,
    #[serde(rename = "b l u e", alias = "blue")]
    Blue,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum External {
    Unit,
    Newtype(Option<Binary>),
    Tuple(Binary, String),
    Struct { blob: Blob, text: Option<String> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Internal {
    Unit,
    Struct { x: u8, bytes: Option<Binary> },
    Holding(Defaults),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
pub(super) enum Adjacent {
    Unit,
    Newtype(Binary),
    Tuple(u8, String),
    Struct { x: Option<u8> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Untagged {
    Number(u32),
    Text(String),
    Bytes(Binary),
    List(Vec<u8>),
    Struct { num: u8, bytes: Option<Binary> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Defaults {
    #[serde(skip_serializing_if = "Option::is_none")]
    maybe: Option<u32>,
    text: String,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            maybe: None,
            text: "default".to_owned(),
        }
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Flat {
    own: u8,
    #[serde(flatten)]
    inner: Inner,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Inner {
    bytes: Option<Binary>,
    inner: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Maps {
    by_text: BTreeMap<String, Binary>,
    by_number: BTreeMap<i64, Option<u8>>,
    by_large: BTreeMap<u128, ()>,
    by_flag: BTreeMap<bool, Untagged>,
    by_character: BTreeMap<char, u8>,
    by_colour: BTreeMap<Colour, Vec<External>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Large {
    #[serde(with = "crate::wire::bigint")]
    unsigned: u64,
    #[serde(with = "crate::wire::bigint")]
    signed: Option<i128>,
    #[serde(with = "crate::wire::bigint")]
    many: Vec<i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    #[serde(default)]
    children: Vec<Tree>,
    left: Option<Box<Tree>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Nested {
    List(Vec<Nested>),
    Map(BTreeMap<String, Nested>),
    Number(f64),
    Other(Option<Binary>),
}

/// Calls a function for the payload type with this number, or for all types if the number is 0.
macro_rules! for_payload {
    ($number:expr, $function:ident($argument:expr)) => {
        for_payload!($number, $function($argument):
            payloads::Unit, payloads::Blob, payloads::Plain, payloads::Empty, payloads::Colour,
            payloads::External, payloads::Internal, payloads::Adjacent, payloads::Untagged,
            payloads::Defaults, payloads::Flat, payloads::Inner, payloads::Maps, payloads::Large,
            payloads::Tree, payloads::Nested, crate::wire::binary::Binary, serde_json::Value,
            (u32, Option<crate::wire::binary::Binary>), [Option<payloads::Blob>; 2],
            std::collections::BTreeMap<String, payloads::Untagged>
        )
    };
    ($number:expr, $function:ident($argument:expr): $($type:ty),*) => {{
        let mut number = 0;
        $(
            number += 1;
            if [0, number].contains(&$number) {
                $function::<$type>($argument);
            }
        )*
    }};
}

pub(super) use for_payload;
