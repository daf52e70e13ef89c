//! Names that a module declares. Each is declared once.

use std::collections::BTreeMap;

use super::syntax::is_identifier;
use super::templates;
use crate::error::Error;

/// Globals that a generated module refers to. No type may shadow them.
const GLOBALS: [&str; 13] = [
    "AbortController",
    "AbortSignal",
    "Array",
    "ArrayBuffer",
    "ArrayBufferView",
    "Exclude",
    "Extract",
    "Partial",
    "Pick",
    "Promise",
    "Record",
    "ReturnType",
    "Uint8Array",
];

const IMPORTS: [&str; 3] = ["Manager", "Socket", "SocketOptions"];

/// Names that neither a type nor a parameter may have.
const KEYWORDS: [&str; 58] = [
    "any",
    "arguments",
    "await",
    "bigint",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "never",
    "new",
    "null",
    "number",
    "object",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "unknown",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Owner of each name.
#[derive(Debug)]
pub(super) struct Names {
    owners: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn new() -> Self {
        let mut names = Self {
            owners: BTreeMap::new(),
        };
        for name in GLOBALS {
            names
                .owners
                .insert(name.to_owned(), "a built-in type of JavaScript".to_owned());
        }
        for name in IMPORTS {
            names.owners.insert(
                name.to_owned(),
                "an import from socket.io-client".to_owned(),
            );
        }
        let own = "a declaration of sio-types";
        for name in templates::common_types().chain(["Namespaces"]) {
            names.owners.insert(name.to_owned(), own.to_owned());
        }
        names
    }

    /// Claims a name for a declaration of sio-types that not every module has.
    pub(super) fn claim_own(&mut self, name: &str) -> Result<(), Error> {
        self.claim(name, "a declaration of sio-types")
    }

    /// Claims the names of all types that a text declares.
    pub(super) fn claim_declared(&mut self, text: &str) -> Result<(), Error> {
        templates::declared_types(text).try_for_each(|name| self.claim_own(name))
    }

    /// Claims a name for one declaration.
    pub(super) fn claim(&mut self, name: &str, owner: &str) -> Result<(), Error> {
        let help = "rename a type with `#[schemars(rename = \"…\")]`, \
                    or the types of a namespace with `#[events(ts_prefix = \"…\")]`";
        if KEYWORDS.contains(&name) || !is_identifier(name) {
            let what = format!("`{name}` ({owner}) is not a valid name in TypeScript");
            return Err(Error::types(what).help(help));
        }
        match self.owners.insert(name.to_owned(), owner.to_owned()) {
            None => Ok(()),
            Some(other) => {
                let what = format!(
                    "the TypeScript name `{name}` is used twice: by {other}, and by {owner}"
                );
                Err(Error::types(what).help(help))
            }
        }
    }
}

/// Returns the TypeScript name of a definition. For `Page<Item>`, schemars writes `Page_for_Item`.
pub(super) fn type_name(definition: &str) -> String {
    let is_generic = ["_for_", "_of_", "_to_"]
        .iter()
        .any(|word| definition.contains(word));
    if !is_generic {
        return definition.to_owned();
    }
    definition.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// Returns distinct parameter names: `user_id` becomes `userId`, and `new` becomes `new_`.
pub(crate) fn parameters<'a>(rust: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in rust {
        let mut words = name
            .trim_start_matches("r#")
            .split('_')
            .filter(|word| !word.is_empty());
        let mut camel = words.next().unwrap_or("argument").to_owned();
        camel.extend(words.map(capitalised));
        while KEYWORDS.contains(&&*camel) || names.contains(&camel) {
            camel.push('_');
        }
        names.push(camel);
    }
    names
}
