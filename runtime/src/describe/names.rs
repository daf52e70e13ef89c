//! Stable, unique names for types, which do not change with unrelated edits.
//!
//! schemars names `Page<User>` and `Page<Room>` `Page` and `Page2`, in order of use, and does the same to two types of
//! the same name. Here, generic types are named after their arguments, `Page_of_User`, and two types with the same name
//! are an error. schemars exposes the name of a type only in the `Debug` output of a generator.

use std::collections::BTreeMap;

use schemars::generate::SchemaGenerator;
use serde_json::{Map, Value};
use sio_types_schema::SchemaError;

/// Names that schemars assigned, and the names of the same types in a document.
pub(super) type Renames = BTreeMap<String, String>;

/// Finds the names of both directions; fails if two types claim the same name.
pub(super) fn names(
    sent: &SchemaGenerator,
    accepted: &SchemaGenerator,
) -> Result<[Renames; 2], SchemaError> {
    let mut owners = BTreeMap::new();
    let sent = renames(sent, &mut owners)?;
    let accepted = renames(accepted, &mut owners)?;
    Ok([sent, accepted])
}

fn renames(
    generator: &SchemaGenerator,
    owners: &mut BTreeMap<String, String>,
) -> Result<Renames, SchemaError> {
    let assigned = assigned_names(&format!("{generator:?}"));
    let mut renames = Renames::new();
    for (name, id) in &assigned {
        let wanted = wanted_name(name, id, &assigned);
        let owner = owners.entry(wanted.clone()).or_insert_with(|| id.clone());
        if owner != id {
            let mut types = [owner.clone(), id.clone()];
            types.sort();
            let [first, second] = types;
            return Err(SchemaError::Collision {
                name: wanted,
                first,
                second,
            });
        }
        renames.insert(name.clone(), wanted);
    }
    Ok(renames)
}

/// Returns the name that a type claims, independent of the order in which types are used.
fn wanted_name(name: &str, id: &str, assigned: &BTreeMap<String, String>) -> String {
    let (path, arguments) = match id.split_once('<') {
        Some((path, arguments)) => (path, arguments.trim_end_matches('>')),
        None => (id, ""),
    };
    let own = path.rsplit("::").next().unwrap_or(path);
    // A derived generic type. A type renamed by a pattern (`{T}Page`) keeps that name, and the generic types of
    // schemars itself (`Result_of_…`) have no module.
    if !arguments.is_empty() && path.contains("::") && !own.contains('{') {
        return format!("{own}_of_{}", argument_names(arguments));
    }
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if own != name && assigned.contains_key(base) {
        return base.to_owned();
    }
    name.to_owned()
}

/// Returns the names of generic arguments without their paths: `User` for `chat::User`. schemars does not separate
/// several arguments.
fn argument_names(arguments: &str) -> String {
    let paths = arguments.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    let names = paths.filter_map(|path| path.rsplit("::").next());
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    names.join("_")
}

/// Replaces the names in the references of a JSON Schema.
pub(super) fn rename_references(fields: &mut Map<String, Value>, names: &[Renames; 2]) {
    for (key, value) in fields.iter_mut() {
        match value {
            Value::String(reference) if key == "$ref" => rename(reference, names),
            value => rename_inside(value, names),
        }
    }
}

fn rename_inside(value: &mut Value, names: &[Renames; 2]) {
    match value {
        Value::Object(fields) => rename_references(fields, names),
        Value::Array(values) => {
            for value in values {
                rename_inside(value, names);
            }
        }
        _ => {}
    }
}

fn rename(reference: &mut String, [sent, accepted]: &[Renames; 2]) {
    for (path, names) in [
        ("#/definitions/sent/", sent),
        ("#/definitions/accepted/", accepted),
    ] {
        let name = reference.strip_prefix(path);
        if let Some(new) = name.and_then(|name| names.get(name)) {
            *reference = format!("{path}{new}");
            return;
        }
    }
}

/// Parses name → type from a generator's `Debug` output, which contains
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

/// Parses a string in `Debug` format, and returns it with the text that follows.
fn string_literal(text: &str) -> Option<(String, &str)> {
    let mut literal = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = literal.next()?.ok()?;
    Some((value, &text[literal.byte_offset()..]))
}
