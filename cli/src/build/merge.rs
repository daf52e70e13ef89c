//! Merges the schemas of several packages.

use std::collections::BTreeMap;

use schemars::Schema as JsonSchema;
use sio_types_schema::Schema;

use crate::error::Error;

/// Returns all namespaces, sorted by path, and the types that they refer to.
pub(super) fn merged(schemas: Vec<(String, Schema)>) -> Result<Schema, Error> {
    let mut schemas = schemas.into_iter();
    let Some((first, mut all)) = schemas.next() else {
        return Err(Error::package("no package given"));
    };
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for namespace in &all.namespaces {
        owners.insert(namespace.path.clone(), first.clone());
    }
    for (package, schema) in schemas {
        for namespace in schema.namespaces {
            if let Some(other) = owners.insert(namespace.path.clone(), package.clone()) {
                let what = format!(
                    "both `{other}` and `{package}` declare the namespace `{}`",
                    namespace.path
                );
                return Err(Error::package(what).help("change the path of one of the namespaces"));
            }
            all.namespaces.push(namespace);
        }
        let (known, new) = (&mut all.definitions, schema.definitions);
        add(&mut known.sent, new.sent, &package)?;
        add(&mut known.accepted, new.accepted, &package)?;
    }
    all.namespaces.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// Adds definitions. A type that several packages use is added once.
fn add(
    known: &mut BTreeMap<String, JsonSchema>,
    new: BTreeMap<String, JsonSchema>,
    package: &str,
) -> Result<(), Error> {
    for (name, schema) in new {
        match known.get(&name) {
            Some(other) if *other != schema => {
                let what = format!(
                    "`{package}` and another package define different types named `{name}`"
                );
                return Err(Error::types(what)
                    .help("rename one of them with `#[schemars(rename = \"…\")]`, or generate a separate file for each package"));
            }
            Some(_) => {}
            None => {
                known.insert(name, schema);
            }
        }
    }
    Ok(())
}
