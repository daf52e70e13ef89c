//! Bridge to ts-rs: types marked `#[payload(ts)]` are printed as their `ts_rs::TS` declares them, and compared with the
//! wire format.

mod compare;
mod parse;
mod ts;

use std::collections::BTreeMap;

use serde_json::Value;
use sio_types_schema::keys;

use super::direction::Direction;
use super::names::Names;
use super::syntax::{Docs, Type};
use crate::error::Error;
use compare::{Mismatch, Scope};
use parse::Unread;
use ts::{Declaration, Ts, wire_name};

/// Declarations of ts-rs for the definitions that use it.
#[derive(Debug, Default)]
pub(super) struct Bridge {
    /// TypeScript names by definition, with the arguments of a generic type.
    names: BTreeMap<String, String>,
    /// Declarations by TypeScript name.
    declarations: BTreeMap<String, String>,
}

impl Bridge {
    /// Reads the declarations that the runtime recorded in the definitions.
    pub(super) fn new<'a>(schemas: impl Iterator<Item = (&'a &'a str, &'a &'a Value)>) -> Self {
        let mut bridge = Self::default();
        for (definition, schema) in schemas {
            let Some(note) = schema.get(keys::TS) else {
                continue;
            };
            if let Some(name) = note.get("name").and_then(Value::as_str) {
                bridge
                    .names
                    .insert((*definition).to_owned(), name.to_owned());
            }
            let declarations = note.get("declarations").and_then(Value::as_object);
            for (name, text) in declarations.into_iter().flatten() {
                let text = text.as_str().unwrap_or_default().to_owned();
                bridge.declarations.insert(name.clone(), text);
            }
        }
        bridge
    }

    /// Returns the TypeScript name of a definition that ts-rs declares.
    pub(super) fn name(&self, definition: &str) -> Option<&str> {
        self.names.get(definition).map(String::as_str)
    }

    pub(super) fn claim(&self, names: &mut Names) -> Result<(), Error> {
        for (name, text) in &self.declarations {
            names.claim(name, &format!("the ts-rs type `{name}`"))?;
            if parse::declaration(text) == Err(Unread::Broken) {
                let what = format!("ts-rs generates invalid TypeScript for `{name}`");
                let help = "remove `ts` from its `#[payload(ts)]` to generate it without ts-rs";
                return Err(Error::types(what).help(help));
            }
        }
        Ok(())
    }

    /// Returns the declarations by name.
    pub(super) fn print(&self, docs: impl Fn(&str) -> Docs) -> BTreeMap<String, String> {
        let print = |(name, text): (&String, &String)| {
            let docs = docs(name).lines().into_iter().map(|line| line + "\n");
            let docs: String = docs.collect();
            (
                name.clone(),
                format!("{docs}// prettier-ignore\nexport {}\n", text.trim()),
            )
        };
        self.declarations.iter().map(print).collect()
    }

    /// Compares every type with the wire format, which the definitions provide by direction.
    pub(super) fn warnings(
        &self,
        wire: impl Fn(&str, Direction) -> Option<Type>,
        definitions: impl Iterator<Item = String>,
    ) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.names.is_empty() {
            return warnings;
        }
        let mut scope = Scope::default();
        for (name, text) in &self.declarations {
            match parse::declaration(text) {
                Ok(declaration) => scope.declare(declaration),
                Err(_) => warnings.push(format!(
                    "cannot compare the ts-rs type `{name}` with the wire format"
                )),
            }
        }
        for definition in definitions {
            for direction in [Direction::Sent, Direction::Accepted] {
                if let Some(ty) = wire(&definition, direction) {
                    scope.declare(Declaration {
                        name: wire_name(&definition, direction),
                        parameters: Vec::new(),
                        ty: Ts::of_wire(&ty, direction),
                    });
                }
            }
        }
        for (definition, name) in &self.names {
            for direction in [Direction::Sent, Direction::Accepted] {
                scope.assume(wire_name(definition, direction), name);
            }
        }
        for (definition, name) in &self.names {
            let Ok(theirs) = parse::declaration(&format!("type It = {name};")) else {
                continue;
            };
            let ours = |direction| {
                let is_there = wire(definition, direction).is_some();
                is_there.then(|| Ts::Name(wire_name(definition, direction), Vec::new()))
            };
            let sent = ours(Direction::Sent).map(|wire| scope.fits(&wire, &theirs.ty));
            if let Some(Err(mismatch)) = sent {
                warnings.push(too_narrow(name, &mismatch));
            }
            let accepted = ours(Direction::Accepted).map(|wire| scope.fits(&theirs.ty, &wire));
            if let Some(Err(mismatch)) = accepted {
                warnings.push(too_wide(name, &mismatch));
            }
        }
        if scope.is_cut() {
            warnings.push(
                "some ts-rs types are not compared with the wire format: there are too many, or they are nested too deeply".to_owned(),
            );
        }
        warnings
    }
}

/// Returns the warning for a value that the server sends but the ts-rs type does not allow.
fn too_narrow(name: &str, mismatch: &Mismatch) -> String {
    let (place, theirs) = (place(name, mismatch), &mismatch.wanted);
    match &mismatch.found {
        Some(wire) => {
            format!("`{place}`: the server sends `{wire}`, but ts-rs declares `{theirs}`")
        }
        None => format!("`{place}`: ts-rs declares `{theirs}`, but the server does not send it"),
    }
}

/// Returns the warning for a value that the ts-rs type allows but the server does not accept.
fn too_wide(name: &str, mismatch: &Mismatch) -> String {
    let (place, wire) = (place(name, mismatch), &mismatch.wanted);
    match &mismatch.found {
        Some(theirs) => {
            format!("`{place}`: the server accepts `{wire}`, but ts-rs declares `{theirs}`")
        }
        None => format!("`{place}`: the server requires `{wire}`, but ts-rs does not declare it"),
    }
}

fn place(name: &str, mismatch: &Mismatch) -> String {
    let path: String = mismatch.path.iter().map(|it| format!(".{it}")).collect();
    format!("{name}{path}")
}
