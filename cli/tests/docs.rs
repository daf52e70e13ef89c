//! The page of `gen-docs`: what is on it to copy is right. What the page does is proved in a browser, in `examples/e2e`.
#![allow(
    dead_code,
    missing_docs,
    reason = "types that only stand for their shape"
)]

use std::fmt::Write as _;

use sio_types_schema::Schema;
use sio_types_test_support::{
    cli::{Run, chat, zoo},
    typescript::assert_compiles,
};

fn page(schema: &Schema) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("schema.json");
    std::fs::write(&file, schema.to_json()).unwrap();
    let arguments = ["gen-docs", "--schema", file.to_str().unwrap()];
    Run::in_directory(directory.path()).args(arguments).stdout()
}

/// The samples in one language, each with the identifier of the event that it is of.
fn samples(page: &str, language: &str) -> Vec<(String, String)> {
    let events = page.split("<section class=\"event entry\" id=\"").skip(1);
    let samples = events.map(|event| {
        let id = event.split('"').next().unwrap();
        let start = format!("<summary>{language}</summary>");
        let (_, sample) = event.split_once(&start).unwrap();
        let (_, sample) = sample.split_once("<code>").unwrap();
        let (sample, _) = sample.split_once("</code>").unwrap();
        let sample = sample
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        (id.to_owned(), sample.replace("&amp;", "&"))
    });
    samples.collect()
}

/// Every sample, with a socket of its namespace.
fn uses(schema: &Schema, page: &str) -> String {
    let mut text = "import * as events from \"./events.js\";\n".to_owned();
    let samples = samples(page, "TypeScript");
    assert!(samples.len() > 3);
    for (index, (id, sample)) in samples.iter().enumerate() {
        let name = id.split('-').next().unwrap();
        let namespace = schema.namespaces.iter().find(|it| it.name == name).unwrap();
        if id.contains("-interServer-") {
            continue;
        }
        let used = if sample.contains("const answer =") {
            "void answer;\n"
        } else {
            ""
        };
        let events = format!("events.Namespaces[{:?}]", namespace.path);
        writeln!(
            text,
            "export async function use{index}(socket: import(\"socket.io-client\").Socket<{events}[\"serverToClient\"], {events}[\"clientToServer\"]>) {{\n{sample}\n{used}}}"
        )
        .unwrap();
    }
    text
}

#[test]
fn the_samples_compile() {
    for document in [zoo(), chat()] {
        let schema = document.schema().unwrap();
        let events = sio_types_cli::typescript::print(&schema).unwrap().text;
        let uses = uses(&schema, &page(&schema));
        assert_compiles(&events, &uses);
    }
}

#[test]
fn a_handler_in_rust() {
    let schema = Run::in_fixture("library").args(["gen-schema"]).stdout();
    let page = page(&Schema::from_json(&schema).unwrap());
    let samples = samples(&page, "Rust");
    let of = |id: &str| {
        let sample = samples.iter().find(|(other, _)| other == id);
        sample.map(|(_, text)| text.as_str()).unwrap()
    };
    assert!(
        of("Chat-clientToServer-join").contains(
            "async fn join(&self, socket: Socket<Chat>, room: u32) -> Result<Page<ChatMessage>, JoinError> {"
        ),
        "{samples:#?}"
    );
    assert!(of("Chat-clientToServer-search").contains("query: String, limit: Option<u32>"));
    assert!(of("Chat-serverToClient-chat_message").contains("socket.emit().chat_message(&msg)?;"));
    assert!(of("Chat-serverToClient-confirm").contains("socket.emit().confirm(&question).await?;"));
}
