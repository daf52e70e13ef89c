//! The two servers with 100 events in 10 namespaces: one on sio-types, one on socketioxide alone.

use std::{fs, path::Path};

use anyhow::Result;

use crate::run::root;

pub(super) const NAMESPACES: usize = 10;

/// A way to write the server.
pub(super) struct Contender {
    pub(super) name: &'static str,
    dependencies: &'static str,
    main: &'static str,
    namespace: &'static str,
    /// The attribute that makes a type a payload.
    attribute: &'static str,
    /// The line that every namespace adds to the server's builder.
    state: &'static str,
}

pub(super) const CONTENDERS: [Contender; 2] = [
    Contender {
        name: "by-hand",
        dependencies: "serde = { version = \"1\", features = [\"derive\"] }\n\
             socketioxide = { version = \"0.18\", features = [\"state\"] }",
        main: include_str!("by_hand_main.rs.txt"),
        namespace: include_str!("by_hand.rs.txt"),
        attribute: "#[derive(Serialize, Deserialize)]",
        state: "let builder = builder.with_state(std::sync::Arc::new(namespace_NUMBER::Store::default()));",
    },
    Contender {
        name: "typed",
        dependencies: "sio-types = { path = \"RUNTIME\" }",
        main: include_str!("typed_main.rs.txt"),
        namespace: include_str!("typed.rs.txt"),
        attribute: "#[payload]",
        state: "",
    },
];

const MANIFEST: &str = r#"[package]
name = "server-NAME"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
axum = "0.8"
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
DEPENDENCIES
"#;

/// Writes the crate of a server, with a file for each namespace.
pub(super) fn write(directory: &Path, contender: &Contender) -> Result<()> {
    let source = directory.join("src");
    fs::create_dir_all(&source)?;
    let manifest = MANIFEST
        .replace("NAME", contender.name)
        .replace("DEPENDENCIES", contender.dependencies)
        .replace("RUNTIME", &root().join("runtime").display().to_string());
    fs::write(directory.join("Cargo.toml"), manifest)?;
    fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock"))?;
    let main = contender
        .main
        .replace("MODULES", &numbered("mod namespace_NUMBER;"))
        .replace("STATES", &numbered(contender.state))
        .replace("MOUNTS", &numbered("namespace_NUMBER::mount(&io);"));
    fs::write(source.join("main.rs"), main)?;
    let store = include_str!("store.rs.txt").replace("ATTRIBUTE", contender.attribute);
    for number in 0..NAMESPACES {
        let namespace = contender.namespace.replace("NUMBER", &number.to_string());
        let file = source.join(format!("namespace_{number}.rs"));
        fs::write(file, format!("{namespace}\n{store}"))?;
    }
    Ok(())
}

/// Returns the line once for each namespace, with its number.
fn numbered(line: &str) -> String {
    let lines = (0..NAMESPACES).map(|number| line.replace("NUMBER", &number.to_string()));
    lines.collect::<Vec<_>>().join("\n")
}
