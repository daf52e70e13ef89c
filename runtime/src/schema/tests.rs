use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    build::{EventSetBuilder, NamespaceBuilder},
    document::Schema,
    error::SchemaError,
};
use crate::contract::{
    events::EventSet,
    namespace::Namespace,
    path::{PathError, PathParameters, PathWriter},
};

/// What an event set has besides its description.
macro_rules! events_of_tests {
    () => {
        type Emitter<Target: crate::contract::emit_target::EmitTarget> = NoEmitter<Target>;
        type Event = ();

        fn decode(
            _: &crate::wire::message::Message,
        ) -> Result<Option<()>, crate::wire::message::DecodeError> {
            Ok(None)
        }
    };
}

struct NoEmitter<T>(#[allow(dead_code, reason = "stands for the target")] T);

impl<T> From<T> for NoEmitter<T> {
    fn from(target: T) -> Self {
        Self(target)
    }
}

macro_rules! namespace {
    ($name:ident, $path:literal, $server:ty, $client:ty, $auth:ty) => {
        struct $name;

        impl Namespace for $name {
            const NAME: &'static str = stringify!($name);
            const PATTERN: &'static str = $path;
            const DOCS: &'static str = "";
            const TS_PREFIX: Option<&'static str> = None;
            const BIGINT_AS_TEXT: bool = false;
            const ANONYMOUS: bool = false;
            type ServerToClient = $server;
            type ClientToServer = $client;
            type InterServer = Between;
            type SocketData = ();
            type Auth = $auth;
            type ConnectErrorData = ();

            fn from_parameters(_: &PathParameters<'_>) -> Result<Self, PathError> {
                Ok(Self)
            }

            fn write_parameters(&self, _: &mut PathWriter) {}

            fn describe_parameters(namespace: &mut NamespaceBuilder<'_>) {
                if $path.contains('{') {
                    namespace
                        .parameter::<String>("tenant")
                        .parameter::<u32>("room");
                }
            }

            fn anonymous() -> Option<()> {
                None
            }
        }
    };
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Message {
    text: String,
    #[serde(default)]
    likes: u32,
}

mod elsewhere {
    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Message {
        id: u32,
    }

    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Holder {
        message: Message,
    }

    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    pub(super) struct Message2 {
        id: u32,
    }
}

/// A set of one event with one argument of type `T`.
struct Tells<T>(T);

impl<T: crate::wire::payload::Payload> EventSet for Tells<T> {
    events_of_tests!();

    fn describe(set: &mut EventSetBuilder<'_>) {
        set.trait_name("Tells").docs("Says it.");
        set.event("told", "told").argument::<T>("it");
    }
}

struct Asks;

impl EventSet for Asks {
    events_of_tests!();

    fn describe(set: &mut EventSetBuilder<'_>) {
        set.trait_name("Asks");
        set.event("search", "search")
            .docs("Finds messages.")
            .deprecated("use `find`")
            .argument::<Option<u32>>("from")
            .argument::<String>("query")
            .argument::<Option<u32>>("limit")
            .acknowledged::<Vec<Message>>();
        set.event("clear", "clear").acknowledged::<()>();
        set.event("join", "join")
            .argument::<Message>("message")
            .fallible::<Result<u32, Message>>();
    }
}

struct Between;

impl EventSet for Between {
    events_of_tests!();

    fn describe(set: &mut EventSetBuilder<'_>) {
        set.event("told", "told").argument::<String>("it");
    }
}

namespace!(Chat, "/chat", Tells<Message>, Asks, Message);
namespace!(Admin, "/admin", Tells<String>, Tells<String>, ());
namespace!(Room, "/{tenant}/{room}", Tells<String>, Tells<String>, ());
namespace!(Twin, "/chat", Tells<String>, Tells<String>, ());
namespace!(
    Nested,
    "/nested",
    Tells<elsewhere::Holder>,
    Tells<String>,
    ()
);
namespace!(
    Numbered,
    "/numbered",
    Tells<elsewhere::Message2>,
    Tells<String>,
    ()
);

fn document<N: super::namespaces::Namespaces>() -> Value {
    serde_json::to_value(Schema::of::<N>().unwrap()).unwrap()
}

#[test]
fn a_namespace_is_described() {
    let document = document::<Chat>();
    let chat = &document["namespaces"][0];
    assert_eq!(document["sioTypes"], 1);
    assert_eq!(chat["name"], "Chat");
    assert_eq!(chat["path"], "/chat");
    assert_eq!(chat["serverToClient"]["trait"], "Tells");
    assert_eq!(chat["serverToClient"]["docs"], "Says it.");
    assert_eq!(
        chat["auth"],
        json!({ "accepted": { "$ref": "#/definitions/accepted/Message" } })
    );
    assert!(chat.get("socketData").is_none());
}

#[test]
fn payloads_are_described_in_their_direction() {
    let document = document::<Chat>();
    let chat = &document["namespaces"][0];
    assert_eq!(
        chat["serverToClient"]["events"][0]["arguments"],
        json!([{ "name": "it", "sent": { "$ref": "#/definitions/sent/Message" } }])
    );
    assert_eq!(
        chat["clientToServer"]["events"][2]["acknowledgement"]["error"],
        json!({ "sent": { "$ref": "#/definitions/sent/Message" } })
    );
    assert_eq!(
        chat["interServer"]["events"][0]["arguments"][0],
        json!({ "name": "it", "sent": { "type": "string" }, "accepted": { "type": "string" } })
    );
    let required =
        |direction: &str| document["definitions"][direction]["Message"]["required"].clone();
    assert_eq!(required("sent"), json!(["text", "likes"]));
    assert_eq!(required("accepted"), json!(["text"]));
}

#[test]
fn only_trailing_options_are_optional() {
    let document = document::<Chat>();
    let search = &document["namespaces"][0]["clientToServer"]["events"][0];
    let optional = search["arguments"].as_array().unwrap().iter();
    let optional: Vec<_> = optional.map(|a| a["optional"] == true).collect();
    assert_eq!(optional, [false, false, true]);
    assert_eq!(search["deprecated"], "use `find`");
}

#[test]
fn acknowledgements_are_of_three_kinds() {
    let document = document::<Chat>();
    let events = &document["namespaces"][0]["clientToServer"]["events"];
    let kinds = [0, 1, 2].map(|i| events[i]["acknowledgement"]["kind"].clone());
    assert_eq!(kinds, ["value", "unit", "fallible"]);
}

#[test]
fn path_parameters_are_described() {
    assert_eq!(
        document::<Room>()["namespaces"][0]["parameters"],
        json!([
            { "name": "tenant", "schema": { "type": "string" } },
            { "name": "room", "schema": { "type": "integer" } },
        ])
    );
}

#[test]
fn a_document_is_sorted_and_survives_json() {
    let schema = Schema::of::<(Chat, Admin)>().unwrap();
    assert_eq!(Schema::of::<(Admin, Chat)>().unwrap(), schema);
    assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
}

#[test]
fn another_version_is_refused() {
    let error = Schema::from_json(r#"{ "sioTypes": 99, "later": true }"#).unwrap_err();
    assert!(matches!(error, SchemaError::Version(99)), "{error}");
}

#[test]
fn two_types_of_one_name_are_an_error_that_names_both() {
    let error = Schema::of::<(Chat, Nested)>().unwrap_err().to_string();
    assert!(error.contains("`Message`"), "{error}");
    assert!(error.contains("schema::tests::Message`"), "{error}");
    assert!(
        error.contains("schema::tests::elsewhere::Message`"),
        "{error}"
    );
}

#[test]
fn two_types_of_one_name_are_found_across_directions() {
    namespace!(Sends, "/sends", Tells<Message>, Tells<String>, ());
    namespace!(
        Takes,
        "/takes",
        Tells<String>,
        Tells<elsewhere::Message>,
        ()
    );
    let error = Schema::of::<(Sends, Takes)>().unwrap_err();
    assert!(matches!(error, SchemaError::Collision { .. }), "{error}");
}

#[test]
fn a_type_whose_own_name_ends_in_a_number_is_no_collision() {
    Schema::of::<(Chat, Numbered)>().unwrap();
}

#[test]
fn generic_types_are_named_after_their_arguments() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Page<T> {
        items: Vec<T>,
    }
    type Tuple = (Page<Message>, Page<u32>, Page<Page<String>>);
    namespace!(Generic, "/generic", Tells<Tuple>, Tells<String>, ());
    let document = document::<Generic>();
    let sent = document["definitions"]["sent"].as_object().unwrap();
    let names: Vec<_> = sent.keys().collect();
    let expected = [
        "Message",
        "Page_of_Message",
        "Page_of_Page_string",
        "Page_of_string",
        "Page_of_uint32",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        sent["Page_of_Page_string"]["properties"]["items"]["items"]["$ref"],
        "#/definitions/sent/Page_of_string"
    );
}

#[test]
fn two_namespaces_of_one_path_are_an_error() {
    let error = Schema::of::<(Chat, Twin)>().unwrap_err().to_string();
    assert!(error.contains("`Chat` and `Twin`"), "{error}");
}

#[test]
fn a_fingerprint_is_of_what_goes_over_the_wire() {
    let of = |document: &Value| {
        let schema = Schema::from_json(&document.to_string()).unwrap();
        schema.fingerprint("/chat").unwrap()
    };
    let document = document::<(Chat, Admin)>();
    let fingerprint = of(&document);
    assert_eq!(fingerprint.len(), 16);
    // The same alone and among others, made or read.
    let alone = Schema::of::<Chat>().unwrap();
    assert_eq!(alone.fingerprint("/chat"), Some(fingerprint.clone()));
    assert_eq!(alone.fingerprint("/admin"), None);

    let changed = |from: &str, to: &str| {
        let text = document.to_string();
        assert!(text.contains(from), "{from} is not in {text}");
        of(&serde_json::from_str(&text.replace(from, to)).unwrap())
    };
    for (from, to) in [
        ("Says it.", "Says it again."),
        ("Finds messages.", ""),
        ("use `find`", "do not"),
        ("\"method\":\"search\"", "\"method\":\"look_for\""),
        ("\"name\":\"query\"", "\"name\":\"text\""),
        ("Message", "Note"),
        ("Tells", "Says"),
    ] {
        assert_eq!(changed(from, to), fingerprint, "{from} is for people");
    }
    for (from, to) in [
        ("\"name\":\"search\"", "\"name\":\"find\""),
        ("\"likes\":", "\"votes\":"),
        ("\"uint32\"", "\"uint16\""),
        ("\"optional\":true", "\"optional\":false"),
        ("\"kind\":\"fallible\"", "\"kind\":\"value\""),
        ("[\"text\"]", "[]"),
    ] {
        assert_ne!(changed(from, to), fingerprint, "{from} is on the wire");
    }
}

#[test]
fn a_fingerprint_stays_what_it_is() {
    // Clients that are out there have it: when this fails, all of them are refused where versions are.
    let schema = Schema::of::<Chat>().unwrap();
    assert_eq!(schema.fingerprint("/chat").unwrap(), "0941c86c2e766730");
}

/// Types that refer to themselves and each other in every place where a schema may.
fn entangled(direction: &str) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/definitions/{direction}/{name}") });
    json!({
        "Tree": {
            "type": "object",
            "description": "text",
            "required": ["right", "left"],
            "properties": {
                "left": { "anyOf": [of("Tree"), { "type": "null" }] },
                "right": { "anyOf": [of("Leaf"), { "type": "null" }] },
                "$ref": { "type": "string" },
                "leaf": of("Leaf"),
            },
        },
        "Leaf": {
            "type": "object",
            "properties": {
                "b": of("Pair"),
                "a": { "type": "array", "items": of("Kind") },
                "z": of("Tree"),
            },
            "additionalProperties": of("Last"),
        },
        "Pair": {
            "type": "array",
            "prefixItems": [of("Kind"), of("Tree"), of("Last")],
            "minItems": 3,
            "maxItems": 3,
        },
        "Kind": { "oneOf": [{ "const": "a", "description": "one" }, { "enum": ["b", "c"] }] },
        "Last": { "allOf": [of("Base"), { "type": "object", "properties": { "own": of("Alias") } }] },
        "Base": {
            "type": "object",
            "patternProperties": { "^[0-9]+$": of("Kind") },
            "default": of("Unused"),
        },
        "Alias": of("Other"),
        "Other": {
            "type": "object",
            "properties": { "back": of("Alias"), "n": { "type": "integer", "format": "uint8" } },
        },
        "Unused": { "type": "string" },
    })
}

#[test]
fn fingerprints_of_entangled_types_stay_what_they_are() {
    let of = |direction: &str, name: &str| json!({ "$ref": format!("#/definitions/{direction}/{name}") });
    let (sent, accepted) = (|name| of("sent", name), |name| of("accepted", name));
    let document = json!({
        "sioTypes": 1,
        "namespaces": [
            {
                "name": "A",
                "path": "/a",
                "serverToClient": { "trait": "S", "events": [
                    { "name": "tree", "method": "tree", "arguments": [{ "name": "it", "sent": sent("Tree") }] },
                    { "name": "leaf", "method": "leaf", "arguments": [
                        { "name": "x", "sent": sent("Other") },
                        { "name": "y", "sent": { "type": "array", "items": sent("Leaf") } },
                    ] },
                ] },
                "clientToServer": { "trait": "C", "events": [
                    { "name": "pair", "method": "pair", "arguments": [{ "name": "it", "accepted": accepted("Pair") }] },
                ] },
            },
            {
                "name": "B",
                "path": "/b",
                "clientToServer": { "trait": "C", "events": [
                    { "name": "last", "method": "last", "arguments": [{ "name": "it", "accepted": accepted("Last") }] },
                    { "name": "tree", "method": "tree", "arguments": [{ "name": "it", "accepted": accepted("Tree") }] },
                ] },
            },
            {
                "name": "C",
                "path": "/c",
                "serverToClient": { "trait": "S", "events": [
                    { "name": "alias", "method": "alias", "arguments": [{ "name": "it", "sent": sent("Alias") }] },
                ] },
            },
        ],
        "definitions": { "sent": entangled("sent"), "accepted": entangled("accepted") },
    });
    let schema = Schema::from_json(&document.to_string()).unwrap();
    let fingerprints = ["/a", "/b", "/c"].map(|path| schema.fingerprint(path).unwrap());
    assert_eq!(
        fingerprints,
        ["38a3c62003571c64", "d840ddd38822c449", "04756a6636e65116"]
    );
}

#[test]
fn a_fingerprint_follows_chains_of_any_length() {
    let length = 20_000;
    let of = |number: usize| json!({ "$ref": format!("#/definitions/sent/T{number}") });
    let types = (0..length).map(|number| {
        let link = json!({ "type": "object", "properties": { "next": of(number + 1) } });
        (format!("T{number}"), link)
    });
    let document = json!({
        "sioTypes": 1,
        "namespaces": [{ "name": "A", "path": "/", "serverToClient": { "trait": "S", "events": [
            { "name": "it", "method": "it", "arguments": [{ "name": "it", "sent": of(0) }] },
        ] } }],
        "definitions": { "sent": types.collect::<serde_json::Map<_, _>>() },
    });
    let schema = Schema::from_json(&document.to_string()).unwrap();
    assert_eq!(schema.fingerprint("/").map(|it| it.len()), Some(16));
}
