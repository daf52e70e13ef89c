//! Every row of the wire table, against the official client, with both parsers and in both directions.
//!
//! `tests/wire/wire.mjs` names the row that each of its checks proves.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the events are the test's own"
)]

use std::collections::BTreeMap;

use sio_types::{AckError, Parser, prelude::*};
use sio_types_test_support::{node, server};
use uuid::Uuid;

#[payload]
#[derive(Clone)]
pub struct UserId(pub String);

#[payload]
#[derive(Clone)]
pub struct Blob(pub Binary);

#[payload]
pub struct Unit;

#[payload]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    Empty,
    Newtype(Binary),
    Tuple(Binary, u32),
    Struct { bytes: Binary },
}

#[payload]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Tagged {
    File { bytes: Binary, name: String },
    Nothing,
}

#[payload]
#[serde(untagged)]
pub enum TextOrBytes {
    Bytes(Binary),
    Text(String),
}

#[payload]
pub struct Inner {
    inner: Binary,
    by_number: Option<u32>,
}

/// Ten attachments. The client's parser accepts no more in one packet.
#[payload]
pub struct Binaries {
    some: Option<Binary>,
    none: Option<Binary>,
    newtype: Blob,
    options: Vec<Option<Binary>>,
    map: BTreeMap<String, Binary>,
    shapes: Vec<Shape>,
    tagged: Vec<Tagged>,
    untagged: Vec<TextOrBytes>,
    #[serde(flatten)]
    flat: Inner,
}

#[payload]
pub struct Kinds {
    uuid: Uuid,
    address: std::net::IpAddr,
    by_number: BTreeMap<u32, bool>,
    by_flag: BTreeMap<bool, i8>,
    unit: Unit,
    nothing: Option<u8>,
    half: f64,
    whole: f64,
    min: i64,
    character: char,
}

#[payload]
pub struct Defaults {
    #[serde(default = "seven")]
    count: u32,
    list: Vec<Option<u32>>,
}

fn seven() -> u32 {
    7
}

#[payload(bigint = "string")]
pub struct Large {
    unsigned: u64,
    signed: i64,
    many: Vec<u64>,
    maybe: Option<i128>,
}

#[events]
pub trait ServerToClient {
    fn ping();
    fn at(p: (f64, f64));
    fn pair(p: [u8; 2]);
    fn id(user: UserId);
    fn unit(unit: Unit);
    fn search(query: String, limit: Option<u32>);
    fn list(words: Vec<String>);
    fn binaries(binaries: Binaries);
    fn bytes(bytes: Binary);
    fn kinds(kinds: Kinds);
    fn large(large: Large);
    fn number(number: u64);
    fn float(float: f64);
    fn done() -> ();
    fn value(id: UserId) -> UserId;
    fn maybe() -> Option<u32>;
    fn point() -> (f64, f64);
    fn blob(blob: Blob) -> Blob;
    fn binaries_back(binaries: Binaries) -> Binaries;
    fn fallible(ok: bool) -> Result<UserId, Vec<String>>;
}

#[events]
pub trait ClientToServer {
    fn alive() -> ();
    fn ping() -> String;
    fn at(p: (f64, f64)) -> (f64, f64);
    fn pair(p: [u8; 2]) -> [u8; 2];
    fn id(user: UserId) -> UserId;
    fn unit(unit: Unit) -> Unit;
    fn search(query: String, limit: Option<u32>) -> (String, Option<u32>);
    fn optional(first: Option<u32>, last: Option<String>) -> (Option<u32>, Option<String>);
    fn binaries(binaries: Binaries) -> Binaries;
    fn bytes(bytes: Binary) -> Binary;
    fn kinds(kinds: Kinds) -> Kinds;
    fn large(large: Large) -> Large;
    fn divide(by: f64) -> Result<f64, String>;
    fn number(text: String) -> u64;
    fn echo(text: String) -> String;
    fn defaults(defaults: Defaults) -> Defaults;
    fn nan() -> Result<f64, String>;
    fn fallible_unit() -> Result<(), String>;
    /// Emits every event of [`ServerToClient`] without an acknowledgement.
    fn all();
    /// Emits one event with an acknowledgement, and returns the answer.
    fn asks(what: String) -> String;
    /// Emits one event that cannot be sent, and returns the error.
    fn refuses(what: String) -> String;
}

#[derive(Events)]
#[events(namespace = "/wire", server_to_client = ServerToClient, client_to_server = ClientToServer)]
pub struct Wire;

struct Echo;

fn binaries() -> Binaries {
    let bytes = |byte: u8| Binary::from(vec![byte, byte + 1]);
    Binaries {
        some: Some(bytes(3)),
        none: None,
        newtype: Blob(bytes(5)),
        options: vec![None, Some(bytes(11))],
        map: BTreeMap::from([("a\"b".to_owned(), bytes(13))]),
        shapes: vec![
            Shape::Empty,
            Shape::Newtype(bytes(15)),
            Shape::Tuple(bytes(17), 4),
            Shape::Struct { bytes: bytes(19) },
        ],
        tagged: vec![
            Tagged::File {
                bytes: bytes(21),
                name: "x".into(),
            },
            Tagged::Nothing,
        ],
        untagged: vec![
            TextOrBytes::Bytes(bytes(23)),
            TextOrBytes::Text("text".into()),
        ],
        flat: Inner {
            inner: bytes(25),
            by_number: Some(26),
        },
    }
}

fn kinds() -> Kinds {
    Kinds {
        uuid: Uuid::from_u128(0x1234),
        address: [127, 0, 0, 1].into(),
        by_number: BTreeMap::from([(7, true), (8, false)]),
        by_flag: BTreeMap::from([(true, -1)]),
        unit: Unit,
        nothing: None,
        half: 0.5,
        whole: 2.0,
        min: -9_007_199_254_740_991,
        character: 'ß',
    }
}

fn large() -> Large {
    Large {
        unsigned: u64::MAX,
        signed: i64::MIN,
        many: vec![1, u64::MAX],
        maybe: Some(i128::MAX),
    }
}

fn described<T>(answer: Result<T, AckError>, describe: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(value) => describe(value),
        Err(error) => format!("error: {error}"),
    }
}

impl ClientToServer<Socket<Wire>> for Echo {
    async fn alive(&self, _: Socket<Wire>) {}

    async fn ping(&self, _: Socket<Wire>) -> String {
        "pong".to_owned()
    }

    async fn at(&self, _: Socket<Wire>, p: (f64, f64)) -> (f64, f64) {
        p
    }

    async fn pair(&self, _: Socket<Wire>, p: [u8; 2]) -> [u8; 2] {
        p
    }

    async fn id(&self, _: Socket<Wire>, user: UserId) -> UserId {
        user
    }

    async fn unit(&self, _: Socket<Wire>, unit: Unit) -> Unit {
        unit
    }

    async fn search(
        &self,
        _: Socket<Wire>,
        query: String,
        limit: Option<u32>,
    ) -> (String, Option<u32>) {
        (query, limit)
    }

    async fn optional(
        &self,
        _: Socket<Wire>,
        first: Option<u32>,
        last: Option<String>,
    ) -> (Option<u32>, Option<String>) {
        (first, last)
    }

    async fn binaries(&self, _: Socket<Wire>, binaries: Binaries) -> Binaries {
        binaries
    }

    async fn bytes(&self, _: Socket<Wire>, bytes: Binary) -> Binary {
        bytes
    }

    async fn kinds(&self, _: Socket<Wire>, kinds: Kinds) -> Kinds {
        kinds
    }

    async fn large(&self, _: Socket<Wire>, large: Large) -> Large {
        large
    }

    async fn divide(&self, _: Socket<Wire>, by: f64) -> Result<f64, String> {
        if by == 0.0 {
            return Err("division by zero".to_owned());
        }
        Ok(1.0 / by)
    }

    async fn number(&self, _: Socket<Wire>, text: String) -> u64 {
        text.parse().unwrap_or_default()
    }

    async fn echo(&self, _: Socket<Wire>, text: String) -> String {
        text
    }

    async fn defaults(&self, _: Socket<Wire>, defaults: Defaults) -> Defaults {
        defaults
    }

    async fn nan(&self, _: Socket<Wire>) -> Result<f64, String> {
        Ok(f64::NAN)
    }

    async fn fallible_unit(&self, _: Socket<Wire>) -> Result<(), String> {
        Ok(())
    }

    async fn all(&self, socket: Socket<Wire>) {
        let send = || socket.emit();
        let results = [
            send().ping(),
            send().at((1.0, 2.0)),
            send().pair([1, 2]),
            send().id(UserId("x".into())),
            send().unit(Unit),
            send().search("x", None),
            send().search("x", Some(3)),
            send().list(["a", "b"].map(String::from)),
            send().binaries(binaries()),
            send().bytes(Binary::from(vec![1, 2])),
            send().kinds(kinds()),
            send().large(large()),
            send().number(9_007_199_254_740_991),
        ];
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    async fn asks(&self, socket: Socket<Wire>, what: String) -> String {
        let ask = || socket.emit();
        match what.as_str() {
            "done" => described(ask().done().await, |()| "done".into()),
            "value" => described(ask().value(UserId("x".into())).await, |id| id.0),
            "maybe" => described(ask().maybe().await, |value| format!("{value:?}")),
            "point" => described(ask().point().await, |value| format!("{value:?}")),
            "blob" => described(ask().blob(Blob(vec![7].into())).await, |blob| {
                format!("{:?}", &*blob.0)
            }),
            "binaries" => described(ask().binaries_back(binaries()).await, |back| {
                serde_json::to_string(&back).unwrap_or_default()
            }),
            _ => described(ask().fallible(what == "ok").await, |result| match result {
                Ok(id) => format!("ok {}", id.0),
                Err(reasons) => format!("err {reasons:?}"),
            }),
        }
    }

    async fn refuses(&self, socket: Socket<Wire>, what: String) -> String {
        let result = match what.as_str() {
            "number" => socket.emit().number(9_007_199_254_740_992),
            "nan" => socket.emit().float(f64::NAN),
            _ => socket.emit().float(f64::INFINITY),
        };
        result.map_or_else(|error| error.to_string(), |()| "sent".to_owned())
    }
}

impl Lifecycle<Wire> for Echo {}

async fn prove(parser: Parser) {
    let builder = SocketIo::builder().parser(parser);
    let server = server::serve(builder, |io| {
        io.mount::<Wire, _>(Echo).expect("mounted once");
    })
    .await;
    node::run_client("wire.mjs", server.address, parser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn common_parser() {
    prove(Parser::Common).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn msgpack_parser() {
    prove(Parser::Msgpack).await;
}
