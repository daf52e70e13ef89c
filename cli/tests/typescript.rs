//! The printer against a zoo of types: snapshots, Prettier and the TypeScript compiler.
#![allow(
    dead_code,
    missing_docs,
    reason = "types that only stand for their shape"
)]

#[path = "support/document.rs"]
mod document;
#[path = "support/tools.rs"]
mod tools;

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tools::{assert_compiles, assert_formatted};
use document::{Document, event};

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
        /// Who wrote it.
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
        #[serde(skip_serializing)]
        secret: String,
    }

    /// A type that holds one whose shapes differ.
    struct Holder {
        settings: Vec<Settings>,
    }

    /// How loud.
    enum Level {
        /// Hardly to be heard.
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

    struct Page<T> {
        items: Vec<T>,
        next: Option<u32>,
    }

    struct Tree {
        children: Vec<Tree>,
        parent: Option<Box<Tree>>,
    }

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
        schemars::json_schema!({ "type": "string", "format": "binary", "x-sio-binary": true })
    }
}

fn zoo() -> Document {
    let mut d = Document::new();
    let mut events = Vec::new();
    macro_rules! both {
        ($($ty:ty),* $(,)?) => {$(
            let name = stringify!($ty).to_lowercase();
            let sent = event(&name, vec![d.tells::<$ty>("value")], None);
            let accepted = event(&name, vec![d.asks::<$ty>("value")], None);
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

/// Events of every form, in three namespaces.
fn chat() -> Document {
    let mut d = Document::new();
    let message = d.tells::<ChatMessage>("msg");
    let yes = d.accepted::<bool>();
    let mut deprecated = event("room:update", vec![d.tells::<String>("new")], None);
    deprecated["docs"] = json!("A room changed.\n\nMore than once.");
    deprecated["deprecated"] = json!("use `rooms`");
    let server = [
        event("chatMessage", vec![message], None),
        event(
            "confirm",
            vec![d.tells::<String>("question")],
            Some(json!({ "kind": "value", "data": yes })),
        ),
        deprecated,
        event("ping", vec![], Some(json!({ "kind": "unit" }))),
    ];
    let mut limit = d.asks::<Option<u32>>("page_limit");
    limit["optional"] = json!(true);
    let found = d.sent::<Vec<ChatMessage>>();
    let joined = d.sent::<ChatMessage>();
    let refused = d.sent::<Level>();
    let nothing = d.sent::<()>();
    let client = [
        event(
            "search",
            vec![d.asks::<String>("query"), limit.clone()],
            Some(json!({ "kind": "value", "data": found })),
        ),
        event("list", vec![limit.clone()], None),
        event(
            "room:join",
            vec![d.asks::<u32>("room")],
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
        vec![d.tells::<String>("user_id")],
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

#[test]
fn every_shape_of_type_is_printed() {
    insta::assert_snapshot!(zoo().typescript().unwrap());
}

#[test]
fn every_form_of_event_is_printed() {
    insta::assert_snapshot!(chat().typescript().unwrap());
}

#[test]
fn prettier_changes_nothing() {
    assert_formatted(&zoo().typescript().unwrap());
    assert_formatted(&chat().typescript().unwrap());
}

#[test]
fn the_zoo_compiles() {
    let uses = r#"
        import type { ZooSocket } from "./events.js";
        declare const socket: ZooSocket;
        socket.emit("internal", { type: "Struct", a: 1, b: "x" });
        // @ts-expect-error: the tag is missing
        socket.emit("internal", { a: 1, b: "x" });
        socket.emit("flattened", { id: 1, type: "Unit", items: [], next: null });
        socket.emit("attachment", { name: "a", data: new Blob(), preview: null });
        socket.on("attachment", ({ data }) => data.byteLength);
        socket.on("collections", ({ anything, point }) => {
          // @ts-expect-error: unknown is not any
          anything.x;
          const [x, y, z]: [number, number, number] = point;
          return x + y + z;
        });
        socket.on("holder", ({ settings }) => {
          // @ts-expect-error: the server never sends it
          settings[0]?.secret;
          return settings[0]?.sentAs;
        });
        socket.emit("holder", { settings: [{ acceptedAs: 1, secret: "s" }] });
    "#;
    assert_compiles(&zoo().typescript().unwrap(), uses);
}

#[test]
fn a_client_is_fully_typed() {
    let uses = r#"
        import { Manager } from "socket.io-client";
        import { connect, connectErrorData, type ChatMessage } from "./events.js";
        const manager = new Manager("http://localhost");
        const chat = connect(manager, "/chat", { auth: { token: "t" } });
        connect(manager, "/open");
        connect(manager, "/workspace/{tenant}/{room}", { parameters: { tenant: "a/b", room: 1 } });
        // @ts-expect-error: auth is required
        connect(manager, "/chat");
        // @ts-expect-error: auth is required
        connect(manager, "/chat", {});
        // @ts-expect-error: there is nothing to give
        connect(manager, "/open", { auth: { token: "t" } });
        // @ts-expect-error: a parameter is missing
        connect(manager, "/workspace/{tenant}/{room}", { parameters: { tenant: "a" } });
        // @ts-expect-error: no such namespace
        connect(manager, "/nowhere");

        chat.on("chatMessage", (msg) => msg.userName.length);
        chat.on("confirm", (question, ack) => ack(question === "yes"));
        chat.on("ping", (ack) => ack());
        // @ts-expect-error: no such event
        chat.on("other", () => {});
        chat.emit("search", "x", (found) => found satisfies ChatMessage[]);
        chat.emit("search", "x", null, (found) => found satisfies ChatMessage[]);
        chat.emit("list");
        chat.emit("list", 3);
        // @ts-expect-error: a number is wanted
        chat.emit("list", "3");
        const one: ChatMessage[] = await chat.emitWithAck("search", "x");
        const two: ChatMessage[] = await chat.emitWithAck("search", "x", 3);
        const joined = await chat.emitWithAck("room:join", 1);
        switch (joined.status) {
          case "ok":
            joined.data.userName;
            break;
          case "error":
            joined.error satisfies "Quiet" | "Loud";
            break;
          case "rejected":
            joined.reason.message;
        }
        chat.on("connect_error", (error) => {
          const refusal = connectErrorData("/chat", error);
          return refusal.data satisfies "Quiet" | "Loud" | undefined;
        });
        export { one, two };
    "#;
    assert_compiles(&chat().typescript().unwrap(), uses);
}

#[test]
fn nothing_is_any() {
    for text in [zoo().typescript().unwrap(), chat().typescript().unwrap()] {
        let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).collect();
        assert!(!words.contains(&"any"));
    }
}

#[test]
fn a_single_namespace_on_the_root_needs_no_prefix() {
    let mut d = Document::new();
    d.namespaces = vec![json!({ "name": "Main", "path": "/" })];
    let text = d.typescript().unwrap();
    assert!(text.contains("interface ServerToClientEvents {}"), "{text}");
    assert_formatted(&text);
    assert_compiles(&text, "export {}");
}

#[test]
fn two_things_of_one_name_are_an_error() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct ChatAuth {
        #[serde(default)]
        a: u8,
    }
    let mut d = Document::new();
    let (auth, event_argument) = (d.accepted::<ChatAuth>(), d.tells::<ChatAuth>("it"));
    d.namespaces = vec![json!({
        "name": "Chat",
        "path": "/chat",
        "serverToClient": { "trait": "S", "events": [event("e", vec![event_argument], None)] },
        "auth": auth,
    })];
    let error = d.typescript().unwrap_err();
    assert!(error.contains("`ChatAuth`"), "{error}");
    assert!(error.contains("schemars(rename"), "{error}");
}

#[test]
fn a_type_that_would_hide_typescripts_own_is_an_error() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Record {
        a: u8,
    }
    let mut d = Document::new();
    d.tells::<Record>("it");
    let error = d.typescript().unwrap_err();
    assert!(error.contains("JavaScript's own type"), "{error}");
}
