//! Types of every shape, and events of every form.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sio_types_schema::keys;

use super::document::{Document, event};

macro_rules! payload {
    ($($item:item)*) => {
        $(
            #[derive(Serialize, Deserialize, JsonSchema)]
            $item
        )*
    };
}

payload! {
    /// One message in a room.
    ///
    /// Ends */ nothing.
    #[serde(rename_all = "camelCase")]
    struct ChatMessage {
        /// Name of the author.
        user_name: String,
        text: String,
        #[deprecated]
        old: Option<bool>,
        #[serde(rename = "content-type")]
        content_type: Option<String>,
        #[serde(rename = "it's \"quoted\"")]
        quoted: u8,
    }

    struct Settings {
        #[serde(default)]
        volume: u32,
        theme: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nickname: Option<String>,
        #[serde(rename(serialize = "sentAs", deserialize = "acceptedAs"))]
        renamed: i64,
        #[expect(dead_code, reason = "serde only deserializes it")]
        #[serde(skip_serializing)]
        secret: String,
    }

    /// A type with a field whose shapes differ by direction.
    struct Holder {
        settings: Vec<Settings>,
    }

    /// Volume level.
    enum Level {
        /// Barely audible.
        Quiet,
        Loud,
    }

    enum External {
        Unit,
        Newtype(ChatMessage),
        Tuple(u8, String),
        Struct { a: u8, b: Option<Level> },
    }

    #[serde(tag = "type")]
    enum Internal {
        Unit,
        Newtype(Empty),
        Struct { a: u8, b: String },
    }

    #[serde(tag = "kind", content = "data", rename_all = "snake_case")]
    enum Adjacent {
        Unit,
        Newtype(ChatMessage),
        Tuple(u8, String),
        Struct { a: u8 },
    }

    #[serde(untagged)]
    enum Untagged {
        Number(f64),
        Text(String),
        Struct { a: u8 },
    }

    struct Empty {}

    struct Unit;

    struct Newtype(String);

    struct Pair(f64, Option<String>);

    struct Page<T> { items: Vec<T>, next: Option<u32> }

    struct Tree { children: Vec<Tree>, parent: Option<Box<Tree>> }

    struct Collections {
        by_name: BTreeMap<String, Vec<Option<u8>>>,
        by_number: HashMap<u32, Level>,
        by_level: BTreeMap<LevelKey, bool>,
        anything: Value,
        map: serde_json::Map<String, Value>,
        point: [f64; 3],
        pair: (u8, Option<Level>),
        nested: Vec<Vec<Vec<u8>>>,
        options: Vec<Option<ChatMessage>>,
        results: Vec<Result<u8, String>>,
        nothing: (),
    }

    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum LevelKey { Low, High }

    struct Flattened {
        id: u32,
        #[serde(flatten)]
        empty: Empty,
        #[serde(flatten)]
        kind: Internal,
        #[serde(flatten)]
        page: Page<u8>,
    }

    struct Open {
        id: u32,
        name: Option<String>,
        #[serde(flatten)]
        rest: HashMap<String, bool>,
    }

    struct Long {
        a_field_with_a_long_name: Option<HashMap<String, Vec<Option<AVeryLongTypeNameIndeedYesVeryLong>>>>,
        another: Result<AVeryLongTypeNameIndeedYesVeryLong, AnotherVeryLongTypeNameIndeed>,
    }

    #[serde(tag = "t")]
    enum AVeryLongTypeNameIndeedYesVeryLong { A { x: u8 }, B { #[serde(default)] y: u8 } }

    enum AnotherVeryLongTypeNameIndeed { FirstOfMany, TheSecondOfAll, ThirdAsItSeems, FourthAndLast }

    struct Attachment {
        name: String,
        data: Binary,
        preview: Option<Binary>,
    }

    struct Credentials { token: String }
}

#[derive(Serialize, Deserialize)]
struct Binary;

impl JsonSchema for Binary {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Binary".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "binary", (keys::BINARY): true })
    }
}

/// Returns a document with every type, as sent and as accepted.
pub fn zoo() -> Document {
    let mut d = Document::default();
    let mut events = Vec::new();
    macro_rules! both {
        ($($ty:ty),* $(,)?) => {$(
            let name = stringify!($ty).to_lowercase();
            let sent = event(&name, vec![d.sent_argument::<$ty>("value")], None);
            let accepted = event(&name, vec![d.accepted_argument::<$ty>("value")], None);
            events.push((sent, accepted));
        )*};
    }
    both!(
        ChatMessage,
        Holder,
        Level,
        External,
        Internal,
        Adjacent,
        Untagged,
        Empty,
        Unit,
        Newtype,
        Pair,
        Page<ChatMessage>,
        Tree,
        Collections,
        Flattened,
        Open,
        Long,
        Attachment,
    );
    let (sent, accepted): (Vec<_>, Vec<_>) = events.into_iter().unzip();
    let auth = d.accepted::<Credentials>();
    d.namespaces.push(json!({
        "name": "Zoo",
        "path": "/zoo",
        "docs": "Every animal.",
        "serverToClient": { "trait": "ServerToClient", "docs": "As sent.", "events": sent },
        "clientToServer": { "trait": "ClientToServer", "docs": "As accepted.", "events": accepted },
        "auth": auth,
    }));
    d
}

/// Returns a document with events of every form, in three namespaces.
pub fn chat() -> Document {
    let mut d = Document::default();
    let message = d.sent_argument::<ChatMessage>("msg");
    let yes = d.accepted::<bool>();
    let mut deprecated = event("room:update", vec![d.sent_argument::<String>("new")], None);
    deprecated["docs"] = json!("A room changed.\n\nMore than once.");
    deprecated["deprecated"] = json!("use `rooms`");
    let server = [
        event("chatMessage", vec![message], None),
        event(
            "confirm",
            vec![d.sent_argument::<String>("question")],
            Some(json!({ "kind": "value", "data": yes })),
        ),
        deprecated,
        event("ping", vec![], Some(json!({ "kind": "unit" }))),
    ];
    let mut limit = d.accepted_argument::<Option<u32>>("page_limit");
    limit["optional"] = json!(true);
    let found = d.sent::<Vec<ChatMessage>>();
    let joined = d.sent::<ChatMessage>();
    let refused = d.sent::<Level>();
    let nothing = d.sent::<()>();
    let client = [
        event(
            "search",
            vec![d.accepted_argument::<String>("query"), limit.clone()],
            Some(json!({ "kind": "value", "data": found })),
        ),
        event("list", vec![limit.clone()], None),
        event(
            "room:join",
            vec![d.accepted_argument::<u32>("room")],
            Some(json!({ "kind": "fallible", "data": joined, "error": refused })),
        ),
        event(
            "leave",
            vec![],
            Some(json!({ "kind": "fallible", "data": nothing, "error": refused })),
        ),
        event("clear", vec![], Some(json!({ "kind": "unit" }))),
    ];
    let servers = [event(
        "userBanned",
        vec![d.sent_argument::<String>("user_id")],
        None,
    )];
    let (auth, data, refusal) = (
        d.accepted::<Credentials>(),
        d.sent::<ChatMessage>(),
        d.sent::<Level>(),
    );
    d.namespaces = vec![
        json!({
            "name": "Chat",
            "path": "/chat",
            "docs": "Where people talk.",
            "serverToClient": { "trait": "ServerToClient", "docs": "What the server tells.", "events": server },
            "clientToServer": { "trait": "ClientToServer", "events": client },
            "interServer": { "trait": "InterServer", "events": servers },
            "auth": auth,
            "socketData": data,
            "connectError": refusal,
        }),
        json!({ "name": "Open", "path": "/open", "tsPrefix": "Public" }),
        json!({
            "name": "Workspace",
            "path": "/workspace/{tenant}/{room}",
            "parameters": [
                { "name": "tenant", "schema": { "type": "string" } },
                { "name": "room", "schema": { "type": "integer" } },
            ],
            "serverToClient": { "trait": "Events", "events": [] },
            "clientToServer": { "trait": "Events", "events": [] },
        }),
    ];
    d
}
