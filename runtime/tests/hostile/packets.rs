//! Engine.IO messages: valid ones, and ones that are almost valid.

use serde_json::{Value, json};
use sio_types::Parser;

use crate::draw::Draw;

/// A message, as in a WebSocket frame.
pub(crate) enum Message {
    Text(Vec<u8>),
    Binary(Vec<u8>),
}

/// Engine.IO packets. Packets that begin with `4` belong to Socket.IO.
const ENGINE: [&str; 8] = ["1", "2", "3", "5", "6", "7", "2probe", ""];

/// A packet and the number of its attachments. The attacker sends enough, too few or too many.
const COMMON: [(&str, usize); 42] = [
    ("0", 0),
    (r#"0/shop,{"token":"good"}"#, 0),
    (r#"0/shop,{"token":7}"#, 0),
    ("0/shop,", 0),
    ("0/shop,[[[", 0),
    ("0/tenant/a/1,", 0),
    ("0/tenant/%ff/1,", 0),
    ("0/tenant/b/-1,", 0),
    ("0/nowhere,", 0),
    ("1", 0),
    ("1/shop,", 0),
    (r#"2["alive"]"#, 0),
    (r#"27["alive"]"#, 0),
    (r#"2/shop,12["add",1,2]"#, 0),
    (r#"2/tenant/a/1,13["add",4294967295,2]"#, 0),
    (r#"29223372036854775807["add",1]"#, 0),
    (r#"29223372036854775808["add",1,2]"#, 0),
    (r#"2-1["add",1,2]"#, 0),
    (r#"2["add",1e400,-0]"#, 0),
    (
        r#"23["echo",{"a":[1,null,{"b":"\u00e4\ud800"}],"num":1}]"#,
        0,
    ),
    (r#"24["shape",{"type":"Point","x":1,"y":null,"z":2}]"#, 0),
    (
        r#"25["shape",{"type":"Blob","num":1,"bytes":{"_placeholder":true,"num":0}}]"#,
        0,
    ),
    (
        r#"51-26["shape",{"type":"Blob","num":1,"bytes":{"_placeholder":true,"num":0}}]"#,
        1,
    ),
    (r#"51-3["bytes",{"_placeholder":true,"num":0}]"#, 1),
    (r#"51-["bytes",{"_placeholder":true,"num":1}]"#, 1),
    (r#"51-["bytes",{"_placeholder":true,"num":-1}]"#, 1),
    (r#"51-["bytes",{"_placeholder":true}]"#, 1),
    (
        r#"51-["bytes",{"num":18446744073709551616,"_placeholder":true}]"#,
        1,
    ),
    (
        r#"52-/shop,["echo",[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]]"#,
        2,
    ),
    (
        r#"599999999999999999999-["bytes",{"_placeholder":true,"num":0}]"#,
        3,
    ),
    (r#"50-["alive"]"#, 0),
    (r#"5["alive"]"#, 1),
    (r#"2["ask"]"#, 0),
    (r#"2/shop,["ask"]"#, 0),
    (r#"2["slow",3]"#, 0),
    ("31[true]", 0),
    ("37[]", 0),
    (r#"399999999999999[{"_placeholder":true,"num":0}]"#, 0),
    (r#"61-2[{"_placeholder":true,"num":0}]"#, 1),
    (r#"4{"message":"no"}"#, 0),
    (r#"2["disconnect"]"#, 0),
    (r#"2["connect_error",{"message":"x"}]"#, 0),
];

/// Pieces to insert anywhere into a text.
const PIECES: [&str; 22] = [
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    ",",
    ":",
    "-",
    "/",
    "0",
    "4",
    "51-",
    "\\u0000",
    "\\ud800",
    "null",
    "1e999",
    "18446744073709551616",
    "-9223372036854775809",
    "\u{1e}",
    "\u{0}",
    "{\"_placeholder\":true,\"num\":4294967295}",
];

/// Pieces for MessagePack: markers that announce long data, that nest, or that are specific to JavaScript.
const MARKERS: [&[u8]; 16] = [
    &[0x91],
    &[0x81],
    &[0xc0],
    &[0xc1],
    &[0xc4, 0xff],
    &[0xc6, 0xff, 0xff, 0xff, 0xff],
    &[0xc7, 3, 0],
    &[0xc9, 0xff, 0xff, 0xff, 0xff, 0],
    &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
    &[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xd4, 0, 0],
    &[0xd7, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xdb, 0xff, 0xff, 0xff, 0xff],
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0xff, 0xff, 0xff, 0xff],
    &[0xa1, 0xff],
];

/// Returns the packet that connects a client to the root namespace.
pub(crate) fn connect(parser: Parser) -> Message {
    match parser {
        Parser::Msgpack => Message::Binary(encoded(&json!({ "type": 0, "nsp": "/" }))),
        _ => Message::Text(b"40".to_vec()),
    }
}

/// Draws a packet, valid or damaged, with its attachments.
pub(crate) fn draw(draw: &mut Draw, parser: Parser) -> Vec<Message> {
    if draw.chance(3) {
        return vec![Message::Text(draw.pick(&ENGINE).as_bytes().to_vec())];
    }
    match parser {
        Parser::Msgpack => message_pack(draw),
        _ => common(draw),
    }
}

fn common(draw: &mut Draw) -> Vec<Message> {
    let (packet, attachments) = COMMON[draw.below(COMMON.len())];
    let mut text = format!("4{packet}");
    if draw.chance(50) {
        // One of many children.
        text = text.replace("/tenant/a/", &format!("/tenant/{}/", draw.below(5000)));
    }
    let mut text = text.into_bytes();
    if draw.chance(30) {
        damage(draw, &mut text, &PIECES.map(str::as_bytes));
    }
    let count = match draw.below(10) {
        0 => draw.below(4),
        _ => attachments,
    };
    let mut messages = vec![Message::Text(text)];
    messages.extend((0..count).map(|_| Message::Binary(draw.bytes(40))));
    messages
}

fn message_pack(draw: &mut Draw) -> Vec<Message> {
    let mut bytes = encoded(&packet(draw));
    if draw.chance(40) {
        damage(draw, &mut bytes, &MARKERS);
    }
    vec![Message::Binary(bytes)]
}

fn packet(draw: &mut Draw) -> Value {
    let namespaces = [
        "/",
        "/",
        "/",
        "/shop",
        "/tenant/a/1",
        "/tenant/%ff/1",
        "/nowhere",
        "",
    ];
    let ids = [
        json!(null),
        json!(1),
        json!(0),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(-1),
        json!("7"),
        json!(1.5),
    ];
    let data = [
        json!(["alive"]),
        json!(["add", 1, 2]),
        json!(["add", -1, u64::MAX]),
        json!(["echo", { "a": [1, null, { "b": "x" }] }]),
        json!(["shape", { "type": "Point", "x": 1, "y": null }]),
        json!(["shape", { "type": "Blob", "num": 0, "bytes": { "_placeholder": true, "num": 0 } }]),
        json!(["bytes", [1, 2]]),
        json!(["ask"]),
        json!(["slow", 3]),
        json!(["disconnect"]),
        json!([true]),
        json!([]),
        json!([["alive"]]),
        json!({ "token": "good" }),
        json!({ "token": 7 }),
        json!("alive"),
        json!(null),
    ];
    // Mostly events, because the server usually disconnects clients that send anything else.
    let kind = match draw.below(10) {
        0..8 => json!(2),
        8 => json!(draw.below(9)),
        _ => [json!(0), json!(-1), json!(1e300), json!("2"), json!(null)][draw.below(5)].clone(),
    };
    let mut packet = json!({
        "type": kind,
        "nsp": draw.pick(&namespaces),
        "data": data[draw.below(data.len())],
    });
    if draw.chance(50) {
        packet["id"] = ids[draw.below(ids.len())].clone();
    }
    if draw.chance(5) {
        packet["attachments"] = json!(draw.below(1000));
    }
    packet
}

fn encoded(packet: &Value) -> Vec<u8> {
    rmp_serde::to_vec_named(packet).expect("JSON is MessagePack, too")
}

fn damage(draw: &mut Draw, bytes: &mut Vec<u8>, pieces: &[&[u8]]) {
    for _ in 0..=draw.below(3) {
        let place = draw.below(bytes.len());
        let end = (place + 1 + draw.below(8)).min(bytes.len());
        match draw.below(8) {
            0 => bytes.truncate(place),
            1 => drop(bytes.drain(place..end)),
            2 => {
                let again = bytes[place..end].to_vec();
                drop(bytes.splice(place..place, again));
            }
            3 if !bytes.is_empty() => bytes[place] = draw.byte(),
            4 => {
                // Deep nesting or long data.
                let piece = draw.pick(pieces).repeat(1 + draw.below(2000));
                drop(bytes.splice(place..place, piece));
            }
            _ => drop(bytes.splice(place..place, draw.pick(pieces).iter().copied())),
        }
    }
}
