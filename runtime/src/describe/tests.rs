use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sio_types_schema::{Schema, SchemaError};

use super::build::{EventSetBuilder, NamespaceBuilder};
use crate::{
    contract::{
        events::EventSet,
        namespace::Namespace,
        path::{PathError, PathParameters, PathWriter},
        schema::{Namespaces, of},
    },
    wire::payload::Payload,
};

/// Items of an event set besides its description.
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

/// Event set of one event with one argument of type `T`.
struct Tells<T>(T);

impl<T: Payload> EventSet for Tells<T> {
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

fn document<N: Namespaces>() -> Value {
    serde_json::to_value(of::<N>().unwrap()).unwrap()
}

#[test]
fn describes_namespace() {
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
fn describes_payloads_by_direction() {
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
fn only_trailing_options_are_optional_arguments() {
    let document = document::<Chat>();
    let search = &document["namespaces"][0]["clientToServer"]["events"][0];
    let optional = search["arguments"].as_array().unwrap().iter();
    let optional: Vec<_> = optional.map(|a| a["optional"] == true).collect();
    assert_eq!(optional, [false, false, true]);
    assert_eq!(search["deprecated"], "use `find`");
}

#[test]
fn describes_three_kinds_of_acknowledgements() {
    let document = document::<Chat>();
    let events = &document["namespaces"][0]["clientToServer"]["events"];
    let kinds = [0, 1, 2].map(|i| events[i]["acknowledgement"]["kind"].clone());
    assert_eq!(kinds, ["value", "unit", "fallible"]);
}

#[test]
fn describes_path_parameters() {
    assert_eq!(
        document::<Room>()["namespaces"][0]["parameters"],
        json!([
            { "name": "tenant", "schema": { "type": "string" } },
            { "name": "room", "schema": { "type": "integer" } },
        ])
    );
}

#[test]
fn document_is_sorted_and_round_trips() {
    let schema = of::<(Chat, Admin)>().unwrap();
    assert_eq!(of::<(Admin, Chat)>().unwrap(), schema);
    assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
}

#[test]
fn duplicate_type_name_error_names_both_types() {
    let error = of::<(Chat, Nested)>().unwrap_err().to_string();
    assert!(error.contains("`Message`"), "{error}");
    assert!(error.contains("describe::tests::Message`"), "{error}");
    assert!(
        error.contains("describe::tests::elsewhere::Message`"),
        "{error}"
    );
}

#[test]
fn duplicate_type_name_is_found_across_directions() {
    namespace!(Sends, "/sends", Tells<Message>, Tells<String>, ());
    namespace!(
        Takes,
        "/takes",
        Tells<String>,
        Tells<elsewhere::Message>,
        ()
    );
    let error = of::<(Sends, Takes)>().unwrap_err();
    assert!(matches!(error, SchemaError::Collision { .. }), "{error}");
}

#[test]
fn type_name_that_ends_in_a_number_is_no_duplicate() {
    of::<(Chat, Numbered)>().unwrap();
}

#[test]
fn generic_type_name_contains_its_arguments() {
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
fn duplicate_namespace_path_is_an_error() {
    let error = of::<(Chat, Twin)>().unwrap_err().to_string();
    assert!(error.contains("`Chat` and `Twin`"), "{error}");
}

#[test]
fn fingerprint_covers_only_the_wire_format() {
    let fingerprint_of = |document: &Value| {
        let schema = Schema::from_json(&document.to_string()).unwrap();
        schema.fingerprint("/chat").unwrap()
    };
    let document = document::<(Chat, Admin)>();
    let fingerprint = fingerprint_of(&document);
    assert_eq!(fingerprint.len(), 16);
    // The fingerprint is the same alone and among others, built or parsed.
    let alone = of::<Chat>().unwrap();
    assert_eq!(alone.fingerprint("/chat"), Some(fingerprint.clone()));
    assert_eq!(alone.fingerprint("/admin"), None);

    let changed = |from: &str, to: &str| {
        let text = document.to_string();
        assert!(text.contains(from), "{from} is not in {text}");
        fingerprint_of(&serde_json::from_str(&text.replace(from, to)).unwrap())
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
fn fingerprint_is_stable() {
    // Deployed clients have this fingerprint. If this fails, servers that check versions will reject all of them.
    let schema = of::<Chat>().unwrap();
    assert_eq!(schema.fingerprint("/chat").unwrap(), "0941c86c2e766730");
}
