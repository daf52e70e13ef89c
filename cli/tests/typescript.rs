//! The printer against a zoo of types: snapshots, Prettier and the TypeScript compiler.
#![allow(
    dead_code,
    missing_docs,
    reason = "types that only stand for their shape"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sio_types_cli::typescript::{Target, print_for};
use sio_types_test_support::{
    cli::{Document, chat, event, own_part, zoo},
    command,
    typescript::{assert_compiles, assert_formatted, compiled, packages},
};

#[test]
fn every_shape_of_type_is_printed() {
    insta::assert_snapshot!(own_part(&zoo().typescript().unwrap()));
}

#[test]
fn every_form_of_event_is_printed() {
    insta::assert_snapshot!(own_part(&chat().typescript().unwrap()));
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
fn hooks_and_all_else_fit_every_schema() {
    let everything = Target {
        node: true,
        react: true,
        zod: true,
    };
    for document in [zoo(), chat()] {
        let schema = document.schema().unwrap();
        let text = print_for(&schema, everything).unwrap().text;
        assert_formatted(&text);
        assert_compiles(&text, "export {};");
    }
}

#[test]
fn nothing_is_any() {
    let react = Target {
        react: true,
        ..Target::default()
    };
    let hooks = print_for(&chat().schema().unwrap(), react).unwrap().text;
    for text in [
        zoo().typescript().unwrap(),
        chat().typescript().unwrap(),
        hooks,
    ] {
        let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).collect();
        assert!(!words.contains(&"any"));
    }
}

#[test]
fn a_single_namespace_on_the_root_needs_no_prefix() {
    let mut d = Document::default();
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
    let mut d = Document::default();
    let (auth, event_argument) = (d.accepted::<ChatAuth>(), d.sent_argument::<ChatAuth>("it"));
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
    let mut d = Document::default();
    d.sent_argument::<Record>("it");
    let error = d.typescript().unwrap_err();
    assert!(error.contains("a built-in type of JavaScript"), "{error}");
}

#[test]
fn a_shape_that_typescript_cannot_say_is_an_error() {
    fn even(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "multipleOf": 2 })
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Odd {
        #[schemars(schema_with = "even")]
        value: u8,
    }
    let mut d = Document::default();
    d.sent_argument::<Odd>("it");
    let error = d.typescript().unwrap_err();
    assert!(error.contains("`multipleOf` without `type`"), "{error}");
    assert!(
        error.contains("the type `Odd`, the field `value`"),
        "{error}"
    );

    let mut d = Document::default();
    let argument = json!({ "name": "it", "sent": { "multipleOf": 2 } });
    d.namespaces = vec![json!({
        "name": "Chat",
        "path": "/chat",
        "serverToClient": { "trait": "S", "events": [event("e", vec![argument], None)] },
    })];
    let error = d.typescript().unwrap_err();
    assert!(
        error.contains("the event `e`, the argument `it`"),
        "{error}"
    );
}

#[test]
fn a_refusal_of_another_version_is_read() {
    let text = chat().typescript().unwrap();
    let directory = tempfile::tempdir_in(packages()).unwrap();
    let module = compiled(directory.path(), &text);
    let script = format!(
        "import {{ fingerprints, unsupportedVersion }} from {module:?};
         const refusal = {{ message: 'unsupported version', data: {{ code: 'unsupported_version', client: 'a', server: 'b' }} }};
         const others = ['no', 'null', '1', '{{}}', JSON.stringify({{ message: 'no', data: {{ code: 'other' }} }})];
         console.log(JSON.stringify([
           fingerprints.sioTypes.split(','),
           unsupportedVersion({{ message: JSON.stringify(refusal) }}),
           others.filter((message) => unsupportedVersion({{ message }}) !== undefined),
         ]));"
    );
    let mut node = std::process::Command::new("node");
    let output = command::output(node.args(["--input-type=module", "--eval", &script]));
    assert!(output.status.success(), "{output:?}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected: Vec<_> = chat()
        .schema()
        .unwrap()
        .namespaces
        .iter()
        .map(|it| it.path.clone())
        .collect();
    let expected = expected.iter().map(|path| {
        let fingerprint = chat().schema().unwrap().fingerprint(path).unwrap();
        format!("{path}={fingerprint}")
    });
    assert_eq!(said[0], json!(expected.collect::<Vec<_>>()));
    assert_eq!(
        said[1],
        json!({ "code": "unsupported_version", "client": "a", "server": "b" })
    );
    assert_eq!(said[2], json!([]));
}
