//! Finds two Rust types that want one name.
//!
//! schemars gives the second one a number (`Message2`), in order of use: a name that changes with an
//! unrelated edit. It keeps which type has which name to itself, save in its `Debug` output.

use std::collections::BTreeMap;

use schemars::generate::SchemaGenerator;

use super::SchemaError;

/// Fails if two types want one name, be it in one direction or in two.
pub(super) fn check(sent: &SchemaGenerator, accepted: &SchemaGenerator) -> Result<(), SchemaError> {
    let mut owners = BTreeMap::new();
    for generator in [sent, accepted] {
        let names = assigned_names(&format!("{generator:?}"));
        for (name, id) in &names {
            let wanted = wanted_name(name, id, &names);
            let first: &mut String = owners.entry(wanted.to_owned()).or_insert(id.clone());
            if first != id {
                let (first, second) = if &*first < id {
                    (&*first, id)
                } else {
                    (id, &*first)
                };
                return Err(SchemaError::Collision {
                    name: wanted.to_owned(),
                    first: first.clone(),
                    second: second.clone(),
                });
            }
        }
    }
    Ok(())
}

/// The name a type has before schemars made it unique.
fn wanted_name<'a>(name: &'a str, id: &str, names: &BTreeMap<String, String>) -> &'a str {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let own = id
        .split('<')
        .next()
        .and_then(|path| path.rsplit("::").next());
    if own == Some(name) || !names.contains_key(base) {
        return name;
    }
    base
}

/// Reads name → type out of a generator's `Debug` output, of which the part in question is
/// `schema_id_to_name: {SchemaUid("chat::Message", Serialize): "Message", …}`.
fn assigned_names(debug: &str) -> BTreeMap<String, String> {
    let Some((_, entries)) = debug.split_once("schema_id_to_name: {") else {
        return BTreeMap::new();
    };
    let mut names = BTreeMap::new();
    let mut rest = entries;
    while let Some(after) = rest.strip_prefix("SchemaUid(") {
        let Some((id, after)) = string_literal(after) else {
            break;
        };
        let Some((_, after)) = after.split_once("): ") else {
            break;
        };
        let Some((name, after)) = string_literal(after) else {
            break;
        };
        names.insert(name, id);
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    names
}

/// Reads a string as `Debug` writes it, and returns what follows.
fn string_literal(text: &str) -> Option<(String, &str)> {
    let mut literal = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = literal.next()?.ok()?;
    Some((value, &text[literal.byte_offset()..]))
}
